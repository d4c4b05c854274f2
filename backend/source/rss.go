package source

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"mime"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/mmcdole/gofeed"
	jsonfeed "github.com/mmcdole/gofeed/json"
	"github.com/mmcdole/gofeed/rss"
)

func newRSS(f Feed, userAgent string, world network) *poller {
	return &poller{
		feed: f, agent: userAgent, world: world, body: body{turns: world.turns},
		accept: "application/atom+xml, application/rss+xml, application/feed+json, application/xml;q=0.9, application/json;q=0.9, */*;q=0.5",
		parse:  func(a answer) (found, error) { return rssItems(f, a) },
	}
}

// feedError is an answer that is no RSS, Atom or JSON Feed.
type feedError struct {
	contentType string
	html        bool
	err         error
}

func (e *feedError) Error() string { return "not a feed: " + e.err.Error() }
func (e *feedError) Unwrap() error { return e.err }

// entry is an item of a feed as an event's payload. It has only what changes
// when the item is edited. Title, Text and HTML may have markup, as it came: mapping makes text of
// it, and only once, or text about markup would lose its own.
type entry struct {
	ID         string   `json:"id,omitempty"`
	Title      string   `json:"title,omitempty"`
	Link       string   `json:"link,omitempty"`
	Text       string   `json:"text,omitempty"` // the summary, or else the content
	HTML       string   `json:"html,omitempty"` // the content, if Text isn't
	Author     string   `json:"author,omitempty"`
	Categories []string `json:"categories,omitempty"`
	Image      string   `json:"image,omitempty"`
	Media      string   `json:"media,omitempty"` // the first enclosure
	Published  string   `json:"published,omitempty"`
	Updated    string   `json:"updated,omitempty"`
}

// rssItems finds the items in an answer, oldest first.
func rssItems(f Feed, a answer) (found, error) {
	var got found
	feed, err := parseFeed(a.body)
	if err != nil {
		return got, notAFeed(a, err)
	}
	switch original := feed.OriginalFeed().(type) {
	case *rss.Feed:
		if minutes, err := strconv.ParseUint(strings.TrimSpace(original.TTL), 10, 16); err == nil {
			got.fresh = time.Duration(minutes) * time.Minute
		}
	case *jsonfeed.Feed:
		if original.Version == "" { // any JSON object at all
			return got, notAFeed(a, errors.New("no version"))
		}
	}
	got.entities = bytes.Contains(a.body[:min(len(a.body), sampleSize)], []byte("<!ENTITY"))
	for _, it := range oldestFirst(feed.Items) {
		e := newEntry(it, a.url)
		data, err := marshal(e)
		if err != nil {
			got.bad = append(got.bad, newBad("An item can't be written as JSON.", []byte(it.Title)))
			continue
		}
		if e.ID == "" {
			e.ID = contentID(data)
		}
		got.items = append(got.items, item{id: e.ID, data: data})
	}
	got.limit(f)
	return got, nil
}

// parseFeed turns the parser's panics, as over an item of a JSON Feed that is
// null, into errors: a feed must not end the program.
func parseFeed(body []byte) (feed *gofeed.Feed, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("damaged: %v", r)
		}
	}()
	parser := gofeed.NewParser()
	parser.KeepOriginalFeed = true
	return parser.Parse(bytes.NewReader(bytes.TrimPrefix(body, []byte("\uFEFF")))) // JSON Feeds have one, too
}

func notAFeed(a answer, err error) error {
	contentType, _, typeErr := mime.ParseMediaType(a.header.Get("Content-Type"))
	if typeErr != nil {
		contentType = ""
	}
	start := strings.ToLower(string(bytes.TrimSpace(a.body[:min(len(a.body), 512)])))
	isHTML := errors.Is(err, gofeed.ErrFeedTypeNotDetected) && (contentType == "text/html" || strings.HasPrefix(start, "<!doctype html") || strings.HasPrefix(start, "<html"))
	return &feedError{contentType: contentType, html: isHTML, err: err}
}

// oldestFirst turns round the usual order, and puts right what says when it was
// published.
func oldestFirst(items []*gofeed.Item) []*gofeed.Item {
	items = slices.DeleteFunc(slices.Clone(items), func(it *gofeed.Item) bool { return it == nil })
	slices.Reverse(items)
	if !slices.ContainsFunc(items, func(it *gofeed.Item) bool { return when(it).IsZero() }) {
		slices.SortStableFunc(items, func(a, b *gofeed.Item) int { return when(a).Compare(when(b)) })
	}
	return items
}

func when(it *gofeed.Item) time.Time {
	switch {
	case it.PublishedParsed != nil:
		return *it.PublishedParsed
	case it.UpdatedParsed != nil:
		return *it.UpdatedParsed
	}
	return time.Time{}
}

func newEntry(it *gofeed.Item, base *url.URL) entry {
	e := entry{
		Title: strings.TrimSpace(it.Title), Link: absolute(it.Link, base), Text: strings.TrimSpace(cmp.Or(it.Description, it.Content)),
		Categories: it.Categories, Published: moment(it.Published, it.PublishedParsed), Updated: moment(it.Updated, it.UpdatedParsed),
	}
	e.ID = cmp.Or(strings.TrimSpace(it.GUID), e.Link)
	if content := strings.TrimSpace(it.Content); content != e.Text {
		e.HTML = content
	}
	var authors []string
	for _, person := range it.Authors {
		if person != nil {
			authors = append(authors, cmp.Or(person.Name, person.Email))
		}
	}
	e.Author = strings.Join(slices.DeleteFunc(authors, func(s string) bool { return s == "" }), ", ")
	if it.Image != nil {
		e.Image = absolute(it.Image.URL, base)
	}
	for _, enclosure := range it.Enclosures {
		if enclosure != nil && e.Media == "" {
			e.Media = absolute(enclosure.URL, base)
		}
	}
	return e
}

// moment writes a time in one form where the parser has understood it.
func moment(text string, parsed *time.Time) string {
	if parsed != nil {
		return parsed.UTC().Format(time.RFC3339Nano)
	}
	return text
}

func absolute(link string, base *url.URL) string {
	link = strings.TrimSpace(link)
	if link == "" || base == nil {
		return link
	}
	to, err := base.Parse(link)
	if err != nil {
		return link
	}
	return to.String()
}

// marshal writes JSON with <, > and & as they are.
func marshal(v any) ([]byte, error) {
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(v); err != nil {
		return nil, fmt.Errorf("encode: %w", err)
	}
	return bytes.TrimSuffix(out.Bytes(), []byte("\n")), nil
}
