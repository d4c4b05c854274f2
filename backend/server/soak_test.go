package server

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/coder/websocket"
)

// soakTime is how long the soak lasts: TICKERTAPE_SOAK=60s in CI, 10m by hand.
func soakTime(t *testing.T) time.Duration {
	t.Helper()
	text := os.Getenv("TICKERTAPE_SOAK")
	if text == "" {
		return time.Second
	}
	d, err := time.ParseDuration(text)
	must(t, err)
	return d
}

// A reader of any transport that is cut off at random, again and again, has
// every event once, in order; and all that leaves nothing behind.
func TestASoakLosesNothingAndLeavesNothingBehind(t *testing.T) {
	r := build{feeds: paused("a")}.run(t)
	lasting := soakTime(t)
	r.add(t, count("a", 1, 200)...)
	round := func(first int, lasting time.Duration) int {
		ctx, stop := context.WithTimeout(t.Context(), lasting)
		defer stop()
		last, done := make(chan int, 1), make(chan struct{})
		go func() { last <- r.publishUntil(ctx, t, first) }()
		var readers sync.WaitGroup
		var end int
		for i := range 3 * soakKinds {
			reader := &soaked{rig: r, after: r.id(uint64(first - 1)), next: first, end: func() int {
				select {
				case <-done:
					return end
				default:
					return -1
				}
			}}
			readers.Go(func() { reader.run(t, i) })
		}
		end = <-last
		close(done)
		readers.Wait()
		return end + 1
	}
	next := round(201, min(lasting, 5*time.Second)) // warm-up
	before := measure(r)
	slope := watchHeap(r, max(time.Second, lasting/40))
	began := time.Now()
	end := round(next, lasting)
	rising, log := slope(), len(r.log.String())
	after := measure(r)
	t.Logf("%.0f events/s; the heap grows by %.2f MB/min, the test's own log is %d bytes; before %+v, after %+v",
		float64(end-next)/time.Since(began).Seconds(), rising, log, before, after)
	if lasting >= 5*time.Minute && rising > 1 { // less says nothing beside what one collection leaves
		t.Errorf("the heap grows by %.2f MB/min", rising)
	}
	const rings = soakKinds * 8 << 20 // the hub's, of each way of reading, fill up
	if after.goroutines > before.goroutines+10 || after.files > before.files+10 || after.heap > before.heap+rings {
		t.Errorf("something stays behind: before %+v, after %+v", before, after)
	}
}

// publishUntil stores 2,000 events a second and returns the last number.
func (r *rig) publishUntil(ctx context.Context, t *testing.T, first int) int {
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	began := time.Now()
	for next := first; ; {
		if last := first + int(time.Since(began).Seconds()*2000); last >= next {
			r.hand(t, count("a", next, last))
			next = last + 1
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return next - 1
		}
	}
}

// footprint is what a process holds.
type footprint struct {
	goroutines, files int
	heap              uint64
}

func measure(r *rig) footprint {
	r.client.CloseIdleConnections()
	runtime.GC()
	var memory runtime.MemStats
	runtime.ReadMemStats(&memory)
	files, _ := os.ReadDir("/proc/self/fd") // none where there is no /proc
	return footprint{runtime.NumGoroutine(), len(files), memory.HeapAlloc}
}

// watchHeap looks at the heap so often, until the returned function is called: it
// says by how many MB a minute the heap grew in the last three quarters of that.
func watchHeap(r *rig, every time.Duration) func() float64 {
	stop, ended := make(chan struct{}), make(chan struct{})
	began := time.Now()
	var minutes, heaps []float64
	go func() {
		defer close(ended)
		tick := time.NewTicker(every)
		defer tick.Stop()
		for {
			select {
			case <-tick.C:
				minutes, heaps = append(minutes, time.Since(began).Minutes()), append(heaps, float64(measure(r).heap)/1e6)
			case <-stop:
				return
			}
		}
	}()
	return func() float64 {
		close(stop)
		<-ended
		return slopeOf(minutes[len(minutes)/4:], heaps[len(heaps)/4:])
	}
}

// slopeOf is that of the line with the least squares; NaN for less than two points.
func slopeOf(x, y []float64) float64 {
	var sumX, sumY, xx, xy float64
	for i := range x {
		sumX, sumY, xx, xy = sumX+x[i], sumY+y[i], xx+x[i]*x[i], xy+x[i]*y[i]
	}
	n := float64(len(x))
	return (n*xy - sumX*sumY) / (n*xx - sumX*sumX)
}

// soakKinds is how many ways of reading there are in soaked.run.
const soakKinds = 5

// soaked is a reader who is cut off again and again.
type soaked struct {
	*rig
	after string
	next  int        // the number that must come next
	end   func() int // the last number there is; -1 while nobody knows
}

var errOrder = errors.New("out of order")

func (s *soaked) run(t *testing.T, kind int) {
	for end := s.end(); end < 0 || s.next <= end; end = s.end() {
		ctx, cut := context.WithTimeout(t.Context(), 20*time.Millisecond+rand.N(400*time.Millisecond))
		var err error
		switch kind % soakKinds {
		case 0:
			err = s.lines(ctx, "/event_stream?format=json&after="+s.after, s.take)
		case 1:
			err = s.socketed(ctx, "/ws?after="+s.after)
		case 2:
			err = s.polled(ctx, "/poll?limit=1000&after="+s.after)
		case 3:
			err = s.polled(ctx, "/poll?wait=5s&after="+s.after)
		case 4:
			err = s.lines(ctx, "/event_stream?format=json&batch=33&after="+s.after, s.takeList)
		}
		ended := ctx.Err() != nil
		cut()
		if err != nil && (!ended || errors.Is(err, errOrder)) {
			t.Errorf("reader %d: %v", kind, err)
			return
		}
	}
}

// take checks an event in JSON.
func (s *soaked) take(data []byte) error {
	var e struct{ ID, Text string }
	if err := json.Unmarshal(data, &e); err != nil {
		return err
	}
	if e.Text != fmt.Sprintf("a %d", s.next) {
		return fmt.Errorf("%q comes where a %d should: %w", e.Text, s.next, errOrder)
	}
	s.after, s.next = e.ID, s.next+1
	return nil
}

// takeList checks a list of them.
func (s *soaked) takeList(data []byte) error {
	var page struct{ Events []json.RawMessage }
	if err := json.Unmarshal(data, &page); err != nil {
		return err
	}
	for _, e := range page.Events {
		if err := s.take(e); err != nil {
			return err
		}
	}
	return nil
}

func (s *soaked) get(ctx context.Context, path string) (io.ReadCloser, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, s.frontURL()+path, http.NoBody)
	if err != nil {
		return nil, err
	}
	response, err := s.client.Do(request)
	if err != nil {
		return nil, err
	}
	if response.StatusCode != http.StatusOK {
		defer response.Body.Close()
		return nil, fmt.Errorf("status %d", response.StatusCode)
	}
	return response.Body, nil
}

func (s *soaked) lines(ctx context.Context, path string, take func(data []byte) error) error {
	body, err := s.get(ctx, path)
	if err != nil {
		return err
	}
	defer body.Close()
	for lines := bufio.NewReader(body); ; {
		line, err := lines.ReadString('\n')
		if err != nil {
			return err
		}
		if data, ok := strings.CutPrefix(line, "data: "); ok && data != "{}\n" {
			if err := take([]byte(data)); err != nil {
				return err
			}
		}
	}
}

func (s *soaked) polled(ctx context.Context, path string) error {
	body, err := s.get(ctx, path)
	if err != nil {
		return err
	}
	defer body.Close()
	page, err := io.ReadAll(body)
	if err != nil {
		return err
	}
	return s.takeList(page)
}

func (s *soaked) socketed(ctx context.Context, path string) error {
	conn, response, err := websocket.Dial(ctx, s.frontURL()+path, nil)
	if err != nil {
		return err
	}
	defer conn.CloseNow()
	_ = response // its body is the connection
	for {
		_, data, err := conn.Read(ctx)
		if err != nil {
			return err
		}
		if err := s.take(data); err != nil {
			return err
		}
	}
}
