package cli

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/spf13/cobra"

	"tickertape/backend/event"
	"tickertape/backend/journal"
	"tickertape/backend/query"
)

// searcher prints the events that a query selects.
type searcher struct {
	query  string
	feeds  []string
	limit  int
	follow bool
	json   bool

	url, token string // of a front door; "" reads the data folder
	trust      trust
	http       *http.Client // while that is asked

	out, err io.Writer
	colour   bool
}

// maxFound is the most events that a search prints before it follows.
const maxFound = journal.MaxPage

func search(dataDir *string) *cobra.Command {
	s := searcher{trust: trust{dataDir: dataDir}}
	cmd := &cobra.Command{
		Use: "search [QUERY...]", Short: "Print the events that a query selects, the newest last",
		Long: "Search prints the newest events that QUERY selects, the newest last, and with --follow those that come after them.\n" +
			"README.md describes the queries. What begins with a minus sign goes behind --, as in: tickertape search -- -sport\n\n" +
			"It reads the data folder, whether a Tickertape runs on it or not; with --url it asks the front door of one instead.",
		Example: `  tickertape search 'feed:clock since:1h'
  tickertape search --follow --json 'value>100'`,
		RunE: func(cmd *cobra.Command, args []string) error {
			s.query = strings.Join(args, " ")
			s.out, s.err = cmd.OutOrStdout(), cmd.ErrOrStderr()
			s.colour = isTerminal(s.out) && os.Getenv("NO_COLOR") == ""
			ctx, stop := interruptible(cmd.Context())
			defer stop()
			err := s.run(ctx, *dataDir)
			if ctx.Err() != nil {
				return nil // Ctrl-C: nothing went wrong
			}
			return err
		},
	}
	flags := cmd.Flags()
	flags.StringSliceVar(&s.feeds, "feed", nil, "only of the feed with this `id`; may be repeated")
	flags.IntVar(&s.limit, "limit", 50, "how many events at most, before those that --follow waits for")
	flags.BoolVarP(&s.follow, "follow", "f", false, "go on with what comes, until Ctrl-C")
	flags.BoolVar(&s.json, "json", false, "one JSON object a line for each event")
	flags.StringVar(&s.url, "url", "", "ask the front door there, such as http://127.0.0.1:5000/")
	flags.StringVar(&s.token, "token", "", "the token to show there")
	s.trust.flag(flags)
	return cmd
}

func (s *searcher) run(ctx context.Context, dataDir string) error {
	if s.limit < 1 || s.limit > maxFound {
		return fmt.Errorf("--limit is from 1 to %d; export has no limit", maxFound)
	}
	x, err := parseQuery(s.query)
	if err != nil {
		return err
	}
	s.feeds = names(s.feeds)
	if s.url != "" {
		return s.ask(ctx)
	}
	a, err := openHistory(ctx, dataDir)
	if err != nil {
		return err
	}
	defer a.Close()
	if !s.follow { // who waits may wait for its first event
		if err := checkFeeds(ctx, a, s.feeds); err != nil {
			return err
		}
	}
	return s.read(ctx, a, query.New(s.feeds, nil).With(x))
}

// read searches a data folder.
func (s *searcher) read(ctx context.Context, a journal.Archive, f query.Filter) error {
	var found []event.Event
	head := a.Head()
	for upTo := head; len(found) < s.limit; {
		page, err := a.ReadBack(ctx, f, 0, upTo, s.limit-len(found))
		if err != nil {
			return err
		}
		if len(page) == 0 {
			break
		}
		found = append(found, page...)
		upTo = page[len(page)-1].ID.Seq - 1
	}
	slices.Reverse(found)
	if err := s.print(found); err != nil || !s.follow {
		return err
	}
	return s.watch(ctx, a, f, head)
}

// followPause is how often a journal that is followed is looked at.
const followPause = 250 * time.Millisecond

// watch prints what comes after a seq until ctx ends.
func (s *searcher) watch(ctx context.Context, a journal.Archive, f query.Filter, after uint64) error {
	tick := time.NewTicker(followPause)
	defer tick.Stop()
	for {
		if err := a.Refresh(ctx); err != nil {
			return err
		}
		for head := a.Head(); after < head; {
			page, err := a.ReadAfter(ctx, f, after, head, journal.MaxPage)
			if err != nil {
				return err
			}
			if err := s.print(page); err != nil {
				return err
			}
			if after = head; len(page) > 0 {
				after = page[len(page)-1].ID.Seq
			}
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return nil
		}
	}
}

func (s *searcher) print(events []event.Event) error {
	var out []byte
	for i := range events {
		if s.json {
			out = events[i].AppendJSON(out)
		} else {
			out = append(out, s.line(&events[i])...)
		}
		out = append(out, '\n')
	}
	if _, err := s.out.Write(out); err != nil {
		return fmt.Errorf("print events: %w", err)
	}
	return nil
}

// The widths of a line, in characters.
const (
	maxTitle = 80
	maxText  = 160
)

// line is an event in one line: time, feed, type, key, title and text.
func (s *searcher) line(e *event.Event) string {
	parts := []string{
		s.styled("2", e.ReceivedAt.Local().Format(time.DateTime)),
		s.styled("36", fmt.Sprintf("%-12s", plain(e.Feed, maxTitle))),
	}
	if e.Type != event.DefaultType {
		parts = append(parts, "("+plain(e.Type, maxTitle)+")")
	}
	if e.Key != "" {
		parts = append(parts, s.styled("33", plain(e.Key, maxTitle)))
	}
	if e.Title != "" {
		parts = append(parts, s.styled("1", plain(e.Title, maxTitle)))
	}
	text := e.Text
	if text == "" && e.Title == "" {
		text = string(e.Data[:min(len(e.Data), 4*maxText)])
	}
	if text = plain(text, maxText); text != "" {
		parts = append(parts, text)
	}
	return strings.Join(parts, "  ")
}

func (s *searcher) styled(style, text string) string {
	if !s.colour {
		return text
	}
	return "\x1b[" + style + "m" + text + "\x1b[0m"
}

// plain is text in one line of at most so many characters, without what a
// terminal would obey.
func plain(text string, most int) string {
	text = text[:min(len(text), 8*most)] // more could not be shown
	text = strings.ToValidUTF8(text, "")
	text = strings.Join(strings.FieldsFunc(text, func(r rune) bool { return !unicode.IsGraphic(r) || unicode.IsSpace(r) }), " ")
	if runes := []rune(text); len(runes) > most {
		return string(runes[:most-1]) + "…"
	}
	return text
}
