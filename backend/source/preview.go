package source

import (
	"context"
	"io"
	"net"
	"slices"
	"sync"
	"time"
)

// preview is the body of an answer whose start can be looked at before it is
// read. It reads ahead, up to its limit. It must be closed.
type preview struct {
	body   io.ReadCloser
	cancel func() // ends the request
	limit  int
	room   chan struct{} // something was read
	closed chan struct{}
	once   sync.Once
	done   chan struct{} // closed when nobody reads ahead any more

	mu   sync.Mutex
	buf  []byte // read ahead
	err  error  // what ended the body
	news chan struct{}
}

func newPreview(body io.ReadCloser, limit int, cancel func()) *preview {
	v := &preview{
		body: body, cancel: cancel, limit: limit, room: make(chan struct{}, 1),
		closed: make(chan struct{}), done: make(chan struct{}), news: make(chan struct{}),
	}
	go v.readAhead()
	return v
}

func (v *preview) readAhead() {
	defer close(v.done)
	chunk := make([]byte, 32<<10)
	for {
		n, err := v.body.Read(chunk)
		if full := v.append(chunk[:n], err); err != nil {
			return
		} else if !full {
			continue
		}
		select {
		case <-v.room:
		case <-v.closed:
			return
		}
	}
}

func (v *preview) append(chunk []byte, err error) (full bool) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.buf, v.err = append(v.buf, chunk...), err
	close(v.news)
	v.news = make(chan struct{})
	return len(v.buf) > v.limit
}

// look is what has come so far, whether it is all (or all that is read ahead),
// and what is closed when there is more.
func (v *preview) look() (start []byte, whole bool, news <-chan struct{}) {
	v.mu.Lock()
	defer v.mu.Unlock()
	return slices.Clip(v.buf), v.err != nil || len(v.buf) > v.limit, v.news
}

// await returns the start of the body once it is enough, or whole, or after d.
func (v *preview) await(ctx context.Context, d time.Duration, enough func(start []byte) bool) (start []byte, whole bool) {
	late := time.NewTimer(d)
	defer late.Stop()
	for {
		start, whole, news := v.look()
		if whole || enough(start) {
			return start, whole
		}
		select {
		case <-news:
		case <-late.C:
			return start, false
		case <-ctx.Done():
			return start, false
		}
	}
}

// read is Read for the request of ctx, which is another one than the body came
// by.
func (v *preview) read(ctx context.Context, p []byte) (int, error) {
	for {
		n, news, err := v.take(p)
		if n > 0 || err != nil {
			return n, err
		}
		select {
		case <-news:
		case <-v.closed:
			return 0, net.ErrClosed
		case <-ctx.Done():
			return 0, ctx.Err()
		}
	}
}

func (v *preview) take(p []byte) (n int, news <-chan struct{}, err error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if n = copy(p, v.buf); n == 0 {
		return 0, v.news, v.err
	}
	v.buf = v.buf[n:]
	select {
	case v.room <- struct{}{}:
	default:
	}
	return n, nil, nil
}

// close ends the request, and returns when nobody reads any more.
func (v *preview) close() {
	v.once.Do(func() {
		close(v.closed)
		v.cancel()
		_ = v.body.Close() // it is being dropped
	})
	<-v.done
}
