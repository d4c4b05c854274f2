package source

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"runtime"

	"golang.org/x/sync/semaphore"

	"tickertape/backend/sse"
)

// tooLargeError is an answer that exceeds the feed's limit.
type tooLargeError struct {
	limit    int
	unpacked bool // it was sent compressed
}

func (e *tooLargeError) Error() string {
	if e.unpacked {
		return fmt.Sprintf("the answer unpacks to more than %d bytes", e.limit)
	}
	return fmt.Sprintf("the answer has more than %d bytes", e.limit)
}

// body is where one poll's answer is read. Large answers of all feeds take turns:
// each may need all the memory that its feed's limit allows.
type body struct {
	turns *semaphore.Weighted
	held  bool
}

// pieced is an answer whose pieces are noted.
func pieced(resp *http.Response, emit *Emitter) io.Reader {
	emit.whole()
	return pieceReader{resp.Body, emit}
}

// smallBody is how much of an answer is read without a turn, in bytes.
const smallBody = 1 << 20

// newTurns lets one large answer be read at a time.
func newTurns() *semaphore.Weighted { return semaphore.NewWeighted(1) }

// read reads all of an answer's body (in), which is never nil then. Its turn, if it needed
// one, lasts until release.
func (b *body) read(ctx context.Context, resp *http.Response, in io.Reader, limit int) ([]byte, error) {
	if encoding := resp.Header.Get("Content-Encoding"); encoding != "" && encoding != "identity" {
		return nil, &sse.EncodingError{Encoding: encoding, URL: resp.Request.URL.Redacted()}
	}
	var all sse.Gather
	defer all.Drop()
	for {
		if all.Len() >= smallBody && !b.held {
			if err := b.turns.Acquire(ctx, 1); err != nil {
				return nil, err
			}
			b.held = true
		}
		_, err := all.ReadOnce(in)
		// The limit is one for memory: it counts what net/http has unpacked.
		if all.Len() > limit {
			return nil, &tooLargeError{limit: limit, unpacked: resp.Uncompressed}
		}
		if errors.Is(err, io.EOF) {
			return all.Take(), nil
		}
		if err != nil {
			return nil, fmt.Errorf("read the answer: %w", err)
		}
		runtime.Gosched() // what is large can wait; other feeds can't
	}
}

// release ends the turn, once nobody needs the answer any more.
func (b *body) release() {
	if b.held {
		b.turns.Release(1)
		b.held = false
	}
}
