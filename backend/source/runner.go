package source

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"reflect"
	"slices"
	"sync"
	"time"

	"github.com/cenkalti/backoff/v5"

	"tickertape/backend/event"
)

const (
	minRetry = time.Second
	maxRetry = 2 * time.Minute
	// stable is how long a connection must hold for the backoff to begin anew.
	stable = time.Minute
	// quietAfter is how long a live feed may be without events before it is
	// called quiet.
	quietAfter = time.Minute
	// A feed is stalled after stallFactor times its usual pause between bytes,
	// and not before stallAfter.
	stallFactor = 5
	stallAfter  = 90 * time.Second
)

// runner is one feed's life, from Set to the next Set that changes it.
type runner struct {
	sup    *Supervisor
	feed   Feed // the name in health may be newer
	origin string
	driver Driver
	log    *slog.Logger

	nudge chan time.Duration // somebody wants the next attempt this soon

	stop func()        // set by Supervisor.Run when it starts; guarded by Supervisor.mu
	done chan struct{} // closed when run has returned

	mu       sync.Mutex
	health   Health
	began    time.Time
	rate     rate
	byteRate rate
	history  history
	cut      context.CancelCauseFunc // ends the connection; nil without one
	hasty    bool                    // in state Retrying: may try sooner
	resume   string
	loaded   bool          // resume was read
	asked    time.Duration // upstream's own reconnection time; 0 for none
	lastByte time.Time
	heard    time.Time     // the last byte over a connection that was live: before that, a handshake's may come
	isLive   bool          // the connection has been
	usual    time.Duration // a slow average of the pause between bytes
	every    time.Duration // what the driver says of that pause
	noticed  [notices]bool // what the log has told of
	cert     *Certificate  // what the server showed last that isn't valid, or was not to be
}

// newRunner makes the life of f. It goes on with the figures of the one that it
// replaces, if any.
func newRunner(s *Supervisor, f Feed, before *runner) *runner {
	now := time.Now()
	r := &runner{
		sup: s, feed: f, origin: f.origin(), log: s.cfg.Log.With("feed", f.ID),
		nudge: make(chan time.Duration, 1), done: make(chan struct{}),
		began: now, health: Health{ID: f.ID, Name: f.Name, Kind: f.Kind, State: Connecting, Since: now},
	}
	world := s.world
	world.shown = r.setCertificate
	r.driver = newDriver(f, s.cfg.UserAgent, world)
	if f.Paused {
		r.health.State = Paused
	}
	if before == nil {
		return r
	}
	before.mu.Lock()
	defer before.mu.Unlock()
	r.health.Counts, r.health.LastEventAt, r.began = before.health.Counts, before.health.LastEventAt, before.began
	r.rate, r.byteRate, r.noticed = before.rate, before.byteRate, before.noticed
	if r.origin == before.origin {
		r.lastByte, r.heard = before.lastByte, before.heard
	}
	r.history = history{slices.Clone(before.history.changes), slices.Clone(before.history.bad)}
	return r
}

// runs reports whether f is what the runner runs already, but for its name.
func (r *runner) runs(f Feed) bool {
	f.Name = r.feed.Name
	return reflect.DeepEqual(f, r.feed)
}

func (r *runner) rename(name string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.health.Name = name
}

// run makes connection after connection until ctx ends.
func (r *runner) run(ctx context.Context) {
	defer close(r.done)
	if r.feed.Paused {
		<-ctx.Done()
		return
	}
	wait := backoff.ExponentialBackOff{InitialInterval: minRetry, RandomizationFactor: 0.5, Multiplier: 2, MaxInterval: maxRetry}
	wait.Reset()
	for ctx.Err() == nil {
		began := time.Now()
		err := r.connect(ctx)
		if ctx.Err() != nil {
			return
		}
		if time.Since(began) >= stable {
			wait.Reset()
			r.clearAttempts()
		}
		v := explain(r.feed.URL, err)
		if v.unreachable && r.sup.lost(hostOf(r.feed.URL)) {
			v.cause, v.atMost = causeLost, lostRetry
		}
		r.log.Info("connection ended", "state", v.state, "cause", v.cause)
		r.pause(ctx, v, wait.NextBackOff())
	}
}

// connect makes one connection and returns why it ended.
func (r *runner) connect(ctx context.Context) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	r.setCut(cancel)
	defer r.setCut(nil)
	r.enter(Connecting, "", time.Time{})
	resume, err := r.token(ctx)
	if err != nil {
		return err
	}
	if err := r.sup.hosts.wait(ctx, r.feed.URL); err != nil {
		return err
	}
	err = r.driver.Run(ctx, resume, &Emitter{to: r})
	if errors.Is(context.Cause(ctx), errSlept) {
		return errSlept
	}
	return err
}

// errSlept ends connections that stood when the computer fell asleep.
var errSlept = errors.New("the computer slept")

func (r *runner) setCut(cut context.CancelCauseFunc) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.cut, r.isLive = cut, false
}

// token is where to resume. What this run has emitted may not be durable yet,
// so the journal is asked only once.
func (r *runner) token(ctx context.Context) (string, error) {
	r.mu.Lock()
	resume, loaded := r.resume, r.loaded
	r.mu.Unlock()
	if loaded {
		return resume, nil
	}
	resume, err := r.sup.cfg.Resume(ctx, r.origin)
	if err != nil {
		return "", err
	}
	r.setResume(resume)
	if resume == "" && r.feed.misses() && r.sup.cfg.Heard != nil {
		return "", r.recall(ctx)
	}
	return resume, nil
}

// recall finds out when the feed was last heard, in an earlier life of the program.
func (r *runner) recall(ctx context.Context) error {
	heard, err := r.sup.cfg.Heard(ctx, r.feed.ID)
	if err != nil {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.heard = later(r.heard, heard)
	return nil
}

// pause waits between two connections: as long as the verdict and the backoff
// say, or until somebody wants it sooner.
func (r *runner) pause(ctx context.Context, v verdict, delay time.Duration) {
	timer := time.NewTimer(time.Hour)
	defer timer.Stop()
	var due <-chan time.Time // nil: not by itself
	var at time.Time
	if v.state == Retrying {
		r.mu.Lock()
		asked := max(v.retryAfter, min(r.asked, maxRetry))
		r.hasty = asked == 0
		r.mu.Unlock()
		if v.atMost > 0 {
			delay = min(delay, v.atMost)
		}
		delay = max(delay, minRetry, asked)
		timer.Reset(delay)
		due, at = timer.C, time.Now().Add(delay)
	}
	r.enter(v.state, v.cause, at)
	for {
		select {
		case <-due:
			return
		case soon := <-r.nudge:
			if soon <= 0 {
				return
			}
			if next := time.Now().Add(soon); next.Before(at) {
				timer.Reset(soon)
				at = next
				r.setNext(at)
			}
		case <-ctx.Done():
			return
		}
	}
}

// retryNow ends a pause; it does nothing while connected.
func (r *runner) retryNow() {
	r.mu.Lock()
	defer r.mu.Unlock()
	switch r.health.State {
	case Retrying, NeedsAuth, Ended, Failed:
		r.nudgeLocked(0)
	}
}

// hurry shortens the pause of a feed that waits by its own decision, and, with
// renew, ends a connection to make a new one.
func (r *runner) hurry(in time.Duration, renew bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	switch r.health.State {
	case Retrying:
		if r.hasty {
			r.nudgeLocked(max(in, time.Millisecond))
		}
	case Connecting, Live, Quiet, Stalled:
		if renew && r.cut != nil && r.feed.URL != "" {
			r.cut(errSlept)
		}
	}
}

func (r *runner) nudgeLocked(in time.Duration) {
	select {
	case r.nudge <- in:
	default: // one is enough
	}
}

func (r *runner) setNext(at time.Time) {
	r.mu.Lock()
	r.health.NextAttempt = at
	r.mu.Unlock()
	r.sup.announce()
}

// enter changes the state.
func (r *runner) enter(state State, cause string, nextAttempt time.Time) {
	r.mu.Lock()
	h := &r.health
	now := time.Now()
	if h.State != state {
		h.Since = now
	}
	r.history.change(Change{now, state, cause})
	if state == Retrying {
		h.Attempt++
	}
	h.State, h.Cause, h.NextAttempt = state, cause, nextAttempt
	r.mu.Unlock()
	r.sup.announce()
}

func (r *runner) clearAttempts() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.health.Attempt = 0
}

// check moves a connected feed between live, quiet and stalled.
func (r *runner) check(now time.Time) {
	r.mu.Lock()
	h := &r.health
	state, cause := h.State, ""
	silent := now.Sub(r.lastByte)
	switch state {
	case Live, Quiet, Stalled:
		switch {
		case r.usual > 0 && silent > max(stallAfter, stallFactor*max(r.usual, r.every)):
			state, cause = Stalled, "The connection stands, but nothing has come for much longer than usual."
		case now.Sub(later(h.LastEventAt, h.Since)) > max(quietAfter, 2*r.every):
			state = Quiet
			if h.LastEventAt.Before(h.Since) {
				cause = "The connection stands, but no event has come over it yet."
			}
		default:
			state = Live
		}
	}
	if h.State == Quiet && state == Live {
		state = Quiet // only an event ends the quiet
	}
	change := state != h.State
	r.mu.Unlock()
	if change {
		r.enter(state, cause, time.Time{})
	}
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

func (r *runner) report(now time.Time) Health {
	r.mu.Lock()
	defer r.mu.Unlock()
	h := r.health
	h.Rates = Rates{Events: r.rate.report(now, r.began), Bytes: r.byteRate.report(now, r.began)}
	h.Rate = h.Rates.Events.Minute
	return h
}

func (r *runner) changes() []Change {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.history.changes)
}

func (r *runner) badInput() []BadInput {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.history.bad)
}

func (r *runner) setCertificate(cert *Certificate) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.cert = cert
}

func (r *runner) certificate() *Certificate {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.cert
}

// alive reports whether something has come from outside since a while ago.
func (r *runner) alive(since time.Time) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.feed.URL != "" && (r.health.State == Live || r.health.State == Quiet) && r.lastByte.After(since)
}

// What follows are the Emitter's verbs.

func (r *runner) emit(ctx context.Context, raws []event.Raw, done func(Outcome)) error {
	now := time.Now()
	r.mu.Lock()
	r.health.Counts.Received += int64(len(raws))
	r.health.LastEventAt = now
	r.rate.add(now, len(raws))
	quiet := r.health.State == Quiet || r.health.State == Stalled
	r.mu.Unlock()
	if quiet {
		r.enter(Live, "", time.Time{})
	}
	if err := r.sup.cfg.Ingest(ctx, Batch{Feed: r.feed.ID, Origin: r.origin, Raws: raws, Done: done}); err != nil {
		return err
	}
	// Only now: what was not accepted has to be fetched again.
	for _, raw := range raws {
		if raw.Resume != "" {
			r.setResume(raw.Resume)
		}
	}
	return nil
}

func (r *runner) stored(o Outcome) {
	if o.Duplicates == 0 && o.Revised == 0 {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.health.Counts.Duplicates += int64(o.Duplicates)
	r.health.Counts.Revised += int64(o.Revised)
}

func (r *runner) live() {
	now := time.Now()
	r.mu.Lock()
	heard := r.heard
	anew := !heard.IsZero() && r.resume == "" && r.feed.misses()
	r.lastByte, r.heard, r.isLive, r.usual = now, now, true, 0
	r.mu.Unlock()
	if anew {
		r.missing("Connected again, but this feed can't resume", heard)
	} else {
		r.enter(Live, "", time.Time{})
	}
	if r.feed.URL != "" {
		r.sup.found()
	}
}

// missing leaves a trace of a gap: the state is still live, its cause says where.
func (r *runner) missing(why string, since time.Time) {
	r.mu.Lock()
	r.health.Counts.Gaps++
	r.mu.Unlock()
	from, to := since.UTC().Format(time.DateTime), time.Now().UTC().Format(time.DateTime)
	r.enter(Live, fmt.Sprintf("%s: events between %s and %s (UTC) may be missing.", why, from, to), time.Time{})
}

func (r *runner) bytes(n int) {
	now := time.Now()
	r.mu.Lock()
	defer r.mu.Unlock()
	r.health.Counts.Bytes += int64(n)
	r.byteRate.add(now, n)
	if gap := now.Sub(r.lastByte); gap > 10*time.Millisecond { // less is one burst
		r.usual += (gap - r.usual) / 8
	}
	r.lastByte = now
	if r.isLive {
		r.heard = now
	}
}

func (r *runner) bad(b badInput) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.health.Counts.Bad++
	r.history.addBad(time.Now(), b)
	if n := r.health.Counts.Bad; n&(n-1) == 0 { // a feed that is all bad must not fill the log
		r.log.Warn("input that can't be used", "reason", b.Reason, "count", n)
	}
}

func (r *runner) setEvery(d time.Duration) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.every = d
}

func (r *runner) setResume(token string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.resume, r.loaded = token, true
}

func (r *runner) setRetry(d time.Duration) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.asked = d
}
