//go:build linux

package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"tickertape/backend/event"
	"tickertape/backend/journal"
	"tickertape/backend/mapping"
)

const (
	feeds     = 4
	batchSize = 100 // events that a feed hands over at once
)

// words are what the events' texts are made of, the first ones most often.
var words = func() []string {
	const syllables = "ka lo mi ran tes ul vo shi dor pel qua zen bri fa gu hy jo ne wex tri"
	var parts, all []string
	for part := range strings.FieldsSeq(syllables) {
		parts = append(parts, part)
	}
	for _, a := range parts {
		for _, b := range parts {
			for _, c := range parts[:8] {
				all = append(all, a+b+c)
			}
		}
	}
	return all
}()

// payloads makes JSON events of about a size: a trade with a comment.
type payloads struct {
	random *rand.Rand
	zipf   *rand.Zipf
	size   int
}

func newPayloads(seed uint64, size int) *payloads {
	random := rand.New(rand.NewPCG(seed, 1))
	return &payloads{random, rand.NewZipf(random, 1.2, 4, uint64(len(words)-1)), size}
}

// at is the n-th payload. One in 100,000 has a word that no other has.
func (p *payloads) at(n int) []byte {
	b := fmt.Appendf(make([]byte, 0, p.size+40), `{"symbol":"S%d","price":%d.%02d,"user":{"id":%d,"name":"u%d"},"n":%d,"text":"`,
		p.random.IntN(500), p.random.IntN(1000), p.random.IntN(100), p.random.IntN(1_000_000), p.random.IntN(10_000), n)
	if n%rareEvery == rareEvery/3 {
		b = append(b, rare+" "...)
	}
	for len(b) < p.size-2 {
		b = append(b, words[p.zipf.Uint64()]...)
		b = append(b, ' ')
	}
	return append(b, `"}`...)
}

// store writes events into a journal through the mapping, as feeds do, until the context ends or all are stored.
type store struct {
	journal *journal.Journal
	stored  atomic.Int64
	end     func() error
}

func openStore(path string) (*store, error) {
	s := &store{}
	var err error
	s.journal, err = journal.Open(context.Background(), journal.Config{
		Path: path, Log: slog.New(slog.NewTextHandler(os.Stderr, nil)),
		Committed: func(events []event.Event) { s.stored.Add(int64(len(events))) },
	})
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- s.journal.Run(ctx) }()
	s.end = func() error {
		cancel()
		return errors.Join(<-ended, s.journal.Close())
	}
	return s, nil
}

// fill appends events from several feeds at once, from the first-th on. Limit is how many in all, 0 for no limit; rate is how
// many a second, 0 for as many as it takes.
func (s *store) fill(ctx context.Context, size, first, limit, rate int, at func(n int) time.Time) error {
	var running sync.WaitGroup
	errs := make([]error, feeds)
	began := time.Now()
	for f := range feeds {
		running.Go(func() {
			made := newPayloads(uint64(first+f)+1, size)
			for n := first + f*batchSize; (limit == 0 || n < limit) && ctx.Err() == nil; n += feeds * batchSize {
				if rate > 0 {
					time.Sleep(time.Until(began.Add(time.Duration(n) * time.Second / time.Duration(rate))))
				}
				batch := journal.Batch{Events: make([]event.Event, batchSize)}
				for i := range batch.Events {
					raw := event.Raw{Data: made.at(n + i), ReceivedAt: at(n + i)}
					batch.Events[i] = mapping.Mapping{}.Map(fmt.Sprintf("feed-%d", f), raw)
				}
				if errs[f] = s.journal.Append(ctx, batch); errs[f] != nil {
					return
				}
			}
		})
	}
	running.Wait()
	if err := errors.Join(errs...); ctx.Err() == nil {
		return err
	}
	return nil
}

// ingest stores events as fast as it goes, with the full-text index beside it.
func ingest(ctx context.Context, o options) error {
	for _, size := range []int{400, 1500} {
		path := filepath.Join(o.dir, fmt.Sprintf("ingest-%d.db", size))
		if err := ingestOf(ctx, o, path, size); err != nil {
			return err
		}
		for _, suffix := range []string{"", "-wal", "-shm", "-search", "-search-wal", "-search-shm"} {
			_ = os.Remove(path + suffix) // what isn't there needn't go
		}
	}
	return nil
}

func ingestOf(ctx context.Context, o options, path string, size int) error {
	s, err := openStore(path)
	if err != nil {
		return err
	}
	limited, cancel := context.WithTimeout(ctx, o.lasts)
	defer cancel()
	began := time.Now()
	if err := s.fill(limited, size, 0, 0, o.rate, func(int) time.Time { return time.Now() }); err != nil {
		return errors.Join(err, s.end())
	}
	took, stored, behind := time.Since(began), s.stored.Load(), s.journal.Head()-s.journal.Indexed()
	for s.journal.Indexed() < s.journal.Head() && ctx.Err() == nil {
		time.Sleep(10 * time.Millisecond)
	}
	fmt.Printf("ingest, %d B: %.0f events/s for %.0f s through mapping and journal; the search index was %d events behind at the end, %.1f s later it had all\n",
		size, float64(stored)/took.Seconds(), took.Seconds(), behind, (time.Since(began) - took).Seconds())
	return s.end()
}
