package source

import (
	"context"
	"fmt"
	"time"
)

// moved has a feed's new URL saved, and leaves a trace of that in its log: before,
// since what follows is another runner, which takes the log over.
func (r *runner) moved(ctx context.Context, to string) {
	if r.sup.cfg.Moved == nil {
		return
	}
	shown := maskedURL(to)
	r.log.Info("feed moved", "to", shown)
	r.enter(Live, fmt.Sprintf("The feed has moved for good: its address is now %s.", shown), time.Time{})
	if err := r.sup.cfg.Moved(ctx, r.feed.ID, r.feed.URL, to); err != nil {
		r.log.Warn("the new address of a feed can't be saved", "to", shown, "err", err)
		r.enter(Live, "The feed's new address could not be saved: change it in the settings.", time.Time{})
	}
}
