package server

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"time"

	"tickertape/backend/event"
	"tickertape/backend/journal"
	"tickertape/backend/settings"
	"tickertape/backend/source"
)

// publishing is one request that publishes.
type publishing struct {
	reads
	r        *http.Request
	control  *http.ResponseController
	feed     string
	typ, id  string // as the request gives them
	patience time.Duration
	waiting  chan struct{} // holds one for each group that isn't durable yet

	mu          sync.Mutex
	first, last uint64 // of the events stored; 0 for none
	known       uint64 // what the last duplicate is stored as; 0 for none
	count       int
	duplicates  int
}

func (p *publishing) raw(data []byte, now time.Time) event.Raw {
	return event.Raw{Type: p.typ, ID: p.id, Data: data, ReceivedAt: now}
}

// hand hands on events that belong together. It blocks while too many wait.
func (p *publishing) hand(raws []event.Raw) error {
	if err := p.await(p.r.Context()); err != nil {
		return err
	}
	if refused := p.revoked(); refused != nil { // what ends the context may come a moment later
		<-p.waiting
		return refused
	}
	ctx, cancel := context.WithTimeout(p.r.Context(), p.patience)
	defer cancel()
	if err := p.cfg.Feeds.Publish(ctx, p.feed, raws, p.stored); err != nil {
		<-p.waiting
		return p.refusal(err)
	}
	return nil
}

// stored is told what became of a group.
func (p *publishing) stored(o source.Outcome) {
	p.mu.Lock()
	defer p.mu.Unlock()
	// Groups are stored in the order of the lines.
	p.first = cmp.Or(p.first, o.First)
	p.last = cmp.Or(o.Last, p.last)
	p.known = cmp.Or(o.Known, p.known)
	p.count += o.Stored()
	p.duplicates += o.Duplicates
	<-p.waiting
}

// await takes one of the places for groups that aren't durable yet.
func (p *publishing) await(ctx context.Context) error {
	select {
	case p.waiting <- struct{}{}:
		return nil
	default:
	}
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		select {
		case p.waiting <- struct{}{}:
			return nil
		case <-tick.C:
			if fault := p.cfg.Journal.Fault(); fault != nil {
				return faultProblem(fault)
			}
		case <-ctx.Done():
			return p.cutOff()
		}
	}
}

// settle waits until all that was handed on is durable: when the request's
// context ends, a moment longer.
func (p *publishing) settle() error {
	ctx, cancel := context.WithCancel(context.WithoutCancel(p.r.Context()))
	defer cancel()
	stop := context.AfterFunc(p.r.Context(), func() { time.AfterFunc(settleTime, cancel) })
	defer stop()
	for range inFlight {
		if err := p.await(ctx); err != nil {
			return err
		}
	}
	return nil
}

// answer is what became of the events so far.
func (p *publishing) answer() *published {
	p.mu.Lock()
	defer p.mu.Unlock()
	id := func(seq uint64) string {
		if seq == 0 {
			return ""
		}
		return event.ID{Epoch: p.cfg.Journal.Epoch(), Seq: seq}.String()
	}
	return &published{ID: id(cmp.Or(p.last, p.known)), First: id(p.first), Last: id(p.last), Count: p.count, Duplicates: p.duplicates}
}

// explain adds to a problem what was stored all the same; where that isn't
// settled, it may be more.
func (p *publishing) explain(err error, settled bool) error {
	asked, ok := errors.AsType[*Problem](err)
	answer := p.answer()
	if !ok || answer.Count+answer.Duplicates == 0 {
		return err
	}
	told := *asked // problems are shared
	told.Stored = answer
	bound := "at least "
	if settled {
		bound = ""
	}
	told.Detail += fmt.Sprintf(" Of the events before that, %s%d were stored; the last one is %s.", bound, answer.Count, answer.ID)
	return &told
}

// refusal is the problem of an event that was not taken.
func (p *publishing) refusal(err error) error {
	switch {
	case errors.Is(err, source.ErrNoFeed):
		return errNoFeed
	case errors.Is(err, source.ErrNotPush):
		return errNotPush
	case errors.Is(err, source.ErrPaused):
		return errPaused
	case errors.Is(err, context.DeadlineExceeded):
		if fault := p.cfg.Journal.Fault(); fault != nil {
			return faultProblem(fault)
		}
		return errBusy
	case errors.Is(err, context.Canceled), errors.Is(err, journal.ErrClosed):
		return p.cutOff()
	}
	return err
}

// cutOff is why the request was ended from here: its token was revoked, or the
// door closes.
func (p *publishing) cutOff() error {
	if refused := p.revoked(); refused != nil {
		return refused
	}
	return errCutOff
}

// revoked is the problem of a request whose token is no longer valid.
func (p *publishing) revoked() *Problem {
	if p.private {
		return nil
	}
	return p.authorize(p.r, settings.ScopePublish)
}

func faultProblem(fault error) error {
	return problem(http.StatusServiceUnavailable, "Events can't be stored right now. "+journal.Explain(fault)+
		" What was sent last may still be stored when that is over: with id= it can be sent again and is stored once.")
}
