package server

import (
	"context"
	"log/slog"
	"path/filepath"
	"time"

	"tickertape/backend/event"
	"tickertape/backend/hub"
	"tickertape/backend/journal"
	"tickertape/backend/query"
)

// countsFile is where the counts of saved views are kept. What a killed program
// has not saved is counted again, from the journal.
const countsFile = "views-unread.json"

// viewCount is what is kept of a view's count.
type viewCount struct {
	Query  string    `json:"query"`
	Unread int64     `json:"unread"`
	Since  time.Time `json:"since"` // when it was last opened, or saved
	UpTo   string    `json:"upTo"`  // the id of the newest event that was looked at
}

// countedView is a saved view while its events are counted.
type countedView struct {
	id, name, query string

	since time.Time
	tally *hub.Tally
	// before is what was counted by an earlier run of the program, up to a seq;
	// what came between that and the tally is yet to be counted.
	before int64
	upTo   uint64
}

func (v *countedView) unread() int64 {
	n, _ := v.tally.Count()
	return v.before + n
}

// seen begins anew.
func (v *countedView) seen() {
	v.tally.Reset()
	v.before, v.upTo, v.since = 0, v.tally.From(), time.Now()
}

// counts is the file.
type counts struct {
	file sideFile
	log  *slog.Logger
}

// load returns what an earlier run saved, by view.
func (c *counts) load() map[string]viewCount {
	saved := map[string]viewCount{}
	if err := c.file.load(&saved); err != nil {
		c.log.Warn("what came in saved views can't be read; it is counted from now on", "err", err)
	}
	return saved
}

func (c *counts) save(all map[string]viewCount) {
	if err := c.file.save(all); err != nil {
		c.log.Warn("what came in saved views can't be saved", "err", err)
	}
}

// resume goes on with a count that an earlier run saved, if it is of the same
// query and journal.
func (v *countedView) resume(saved viewCount, epoch string) {
	id, err := event.ParseID(saved.UpTo)
	if err == nil && id.Epoch == epoch && id.Seq <= v.tally.From() && saved.Query == v.query && saved.Unread >= 0 {
		v.before, v.upTo, v.since = saved.Unread, id.Seq, saved.Since
	}
}

// countViews counts what came between an earlier run's last save and this run,
// and then saves the counts now and then, until ctx ends.
func (s *Server) countViews(ctx context.Context) {
	for _, v := range s.uncounted() {
		s.countMissed(ctx, v)
	}
	nowAndThen(ctx, s.saveCounts)
}

// uncounted are copies of the views for which events are still to be counted.
func (s *Server) uncounted() (all []countedView) {
	s.views.mu.Lock()
	defer s.views.mu.Unlock()
	for _, v := range s.views.counted {
		if v.upTo < v.tally.From() {
			all = append(all, *v)
		}
	}
	return all
}

func (s *Server) countMissed(ctx context.Context, v countedView) {
	x, err := query.Parse(v.query)
	if err != nil {
		return // its settings were valid, so it is gone
	}
	var missed int64
	for after := v.upTo; ; {
		events, err := s.cfg.Journal.ReadAfter(ctx, query.Filter{}.With(x), after, v.tally.From(), journal.MaxPage)
		if err != nil {
			return // the next start counts it
		}
		if len(events) == 0 {
			break
		}
		missed += int64(len(events))
		after = events[len(events)-1].ID.Seq
	}
	s.views.mu.Lock()
	defer s.views.mu.Unlock()
	for _, now := range s.views.counted {
		if now.tally == v.tally && now.upTo == v.upTo { // nobody opened it meanwhile
			now.before, now.upTo = now.before+missed, v.tally.From()
		}
	}
}

func (s *Server) saveCounts() {
	s.unreadOfViews() // those that were just saved, and without those that were removed
	all := map[string]viewCount{}
	s.views.mu.Lock()
	for _, v := range s.views.counted {
		one := viewCount{Query: v.query, Unread: v.before, Since: v.since, UpTo: s.id(v.upTo)}
		if v.upTo >= v.tally.From() {
			n, upTo := v.tally.Count()
			one.Unread, one.UpTo = one.Unread+n, s.id(upTo)
		}
		all[v.id] = one
	}
	s.views.mu.Unlock()
	s.counts.save(all)
}

func openCounts(cfg Config) *counts {
	return &counts{file: sideFile{path: filepath.Join(cfg.DataDir, countsFile)}, log: cfg.Log}
}
