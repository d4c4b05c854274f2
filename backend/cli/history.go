package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"tickertape/backend/engine"
	"tickertape/backend/journal"
	"tickertape/backend/query"
)

// interruptible is a context that the first Ctrl-C ends. The second one ends
// the program, should it be held up.
func interruptible(parent context.Context) (context.Context, context.CancelFunc) {
	ctx, stop := signal.NotifyContext(parent, syscall.SIGINT, syscall.SIGTERM)
	context.AfterFunc(ctx, stop)
	return ctx, stop
}

// openHistory opens the history of a data folder for reading.
func openHistory(ctx context.Context, dataDir string) (journal.Archive, error) {
	a, err := engine.OpenHistory(ctx, dataDir)
	if errors.Is(err, journal.ErrNoJournal) {
		err = fmt.Errorf("there is no history in %s yet: run tickertape, or name another folder by --data", dataDir)
	}
	return a, err
}

// parseQuery reads a query. Its error shows where it isn't understood.
func parseQuery(text string) (query.Expr, error) {
	x, err := query.Parse(text)
	if wrong, ok := errors.AsType[*query.Error](err); ok {
		shown := strings.Map(func(r rune) rune {
			if r < ' ' { // a line break would part the query from its mark
				return ' '
			}
			return r
		}, text)
		err = fmt.Errorf("%w\n  %s\n  %s%s", err, shown, strings.Repeat(" ", wrong.Pos), strings.Repeat("^", max(1, wrong.End-wrong.Pos)))
	}
	return x, err
}

// names splits comma-separated lists.
func names(lists []string) []string {
	return strings.FieldsFunc(strings.Join(lists, ","), func(r rune) bool { return r == ',' || r == ' ' })
}

// checkFeeds refuses a feed without any events: a misspelt name would look like
// a silent feed.
func checkFeeds(ctx context.Context, a journal.Archive, feeds []string) error {
	for _, feed := range feeds {
		events, err := a.ReadBack(ctx, query.New([]string{feed}, nil), 0, a.Head(), 1)
		if err != nil {
			return err
		}
		if len(events) == 0 {
			return fmt.Errorf("there are no events of a feed with the id %q: see feed list", feed)
		}
	}
	return nil
}

// isTerminal reports whether a person sees what is written there.
func isTerminal(w io.Writer) bool {
	file, ok := w.(*os.File)
	if !ok {
		return false
	}
	info, err := file.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0 && cmp.Or(os.Getenv("TERM"), "unset") != "dumb"
}
