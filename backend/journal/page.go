package journal

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"time"

	"tickertape/backend/event"
	"tickertape/backend/query"
)

const (
	// firstStep and lastStep are how many seqs one SELECT looks at, at least and
	// at most: what is searched for may be rare.
	firstStep = 1 << 12
	lastStep  = 1 << 20
	// brief is how long one should take: while a read holds its snapshot SQLite
	// can't cut the log that it writes to.
	brief = 20 * time.Millisecond
	// fewFeeds is of how many feeds the next event is looked for.
	fewFeeds = 8
	// patience is how long a page is searched for that has some events already.
	patience = 200 * time.Millisecond
)

// page is what is read of the history, in one or more steps.
type page struct {
	filter      query.Filter
	after, upTo uint64
	limit       int                            // the most events, as far as SQLite is told; negative for any number
	back        bool                           // begin at the upper end
	take        func(*event.Event) (more bool) // what it is handed holds until it returns

	journal *Journal
	taken   int
	full    bool   // take wants no more
	last    uint64 // the seq that was taken last
}

// page hands over what p asks for in after < seq <= upTo, from the lower end of
// that range or, back, from the upper one.
func (j *Journal) page(ctx context.Context, p page) (err error) {
	after, upTo := p.after, min(p.upTo, j.Head())
	if upTo > after && upTo-after > firstStep {
		floor, err := j.Floor(ctx)
		if err != nil {
			return err
		}
		after = max(after, max(floor, 1)-1)
	}
	unmarked := p.filter
	p.journal, p.filter = j, p.filter.Marked(j)
	// What isn't indexed yet is matched by itself.
	indexed, inTurn := j.index.reach(), j.accounts.many(p.filter.Feeds)
	start, step := time.Now(), uint64(firstStep)
	for after < upTo && !p.full && (p.taken == 0 || time.Since(start) < patience) {
		if inTurn {
			if after, upTo, err = j.toFeeds(ctx, p.filter.Feeds, after, upTo, p.back); err != nil {
				return j.met(err)
			}
		}
		if after, upTo = j.spans.within(unmarked, after, upTo, p.back); after == upTo {
			break
		}
		from, to := after, upTo
		if p.back {
			from = max(after, upTo-min(upTo, step))
			if upTo > indexed {
				from = max(from, indexed)
			}
			upTo = from
		} else {
			to = min(upTo, after+step)
			if after < indexed {
				to = min(to, indexed)
			}
			after = to
		}
		scope := query.Scope{After: from, UpTo: to, Indexed: to <= indexed, InTurn: inTurn}
		began := time.Now()
		err = p.read(ctx, scope)
		if isDamage(err) && scope.Indexed { // of the index, perhaps, which isn't needed
			j.index.giveUp(j.cfg.Log, err)
			indexed, scope.Indexed = 0, false
			switch { // what was taken already isn't read again
			case p.last <= scope.After || p.last > scope.UpTo:
			case p.back:
				scope.UpTo = p.last - 1
			default:
				scope.After = p.last
			}
			err = p.read(ctx, scope)
		}
		if err != nil {
			return j.met(fmt.Errorf("read history: %w", err))
		}
		switch took := time.Since(began); {
		case took < brief/2:
			step = min(2*step, lastStep)
		case took > 2*brief:
			step = max(step/2, firstStep)
		}
	}
	return nil
}

// toFeeds is after < seq <= upTo without what at its end (back), or its
// beginning, is all of other feeds: one that is looked at in turn may have been
// silent for millions of events.
func (j *Journal) toFeeds(ctx context.Context, feeds []string, after, upTo uint64, back bool) (from, to uint64, err error) {
	if len(feeds) > fewFeeds {
		return after, upTo, nil
	}
	nearest, statement := upTo+1, `SELECT min(seq) FROM events WHERE feed = ? AND seq > ? AND seq <= ?`
	if back {
		nearest, statement = after, `SELECT max(seq) FROM events WHERE feed = ? AND seq > ? AND seq <= ?`
	}
	for _, feed := range feeds {
		var seq sql.Null[uint64]
		if err := j.read.QueryRowContext(ctx, statement, feed, int64(after), int64(upTo)).Scan(&seq); err != nil {
			return after, upTo, fmt.Errorf("read where the next event of %s is: %w", feed, err)
		}
		switch {
		case !seq.Valid:
		case back:
			nearest = max(nearest, seq.V)
		default:
			nearest = min(nearest, seq.V)
		}
	}
	if back {
		return after, nearest, nil
	}
	return nearest - 1, upTo, nil
}

// read hands over what is selected in the scope, until the page is full.
func (p *page) read(ctx context.Context, scope query.Scope) error {
	condition := p.filter.SQL(scope)
	order, limit := ` ORDER BY seq`, -1 // no limit: some of the rows may not be selected
	if p.back {
		order = ` ORDER BY seq DESC`
	}
	if condition.Exact && p.limit >= 0 {
		limit = p.limit - p.taken
	}
	hidden, hiddenArgs := p.journal.hidden()
	args := slices.Concat(condition.Args, hiddenArgs, []any{int64(scope.After), int64(scope.UpTo), limit})
	statement := `SELECT ` + columns + ` FROM events WHERE ` + condition.SQL + hidden + ` AND seq > ? AND seq <= ?` + order + ` LIMIT ?`
	var e event.Event // one for all, as each is only lent
	return each(ctx, p.journal.read, statement, args, func(r record) (more bool) {
		p.journal.lend(&e, r)
		if condition.Exact || p.filter.Match(&e) {
			p.taken, p.last = p.taken+1, e.ID.Seq
			p.full = !p.take(&e)
		}
		return !p.full
	})
}
