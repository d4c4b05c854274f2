package source

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

const (
	// pauseOfLines is how long an answer that begins with a line of JSON may
	// pause before it is taken for a stream of such lines.
	pauseOfLines = 1500 * time.Millisecond
	// heldFor is how long a request must be held to look like a long poll.
	heldFor = 2 * time.Second
)

var (
	errNoHead = errors.New("no answer in time")
	errNoBody = errors.New("an answer without a body")
)

// unreadableError is an answer that no kind of feed can read.
type unreadableError struct{ reason string }

func (e *unreadableError) Error() string { return e.reason }

// pageError is a web page that leads to no feed, or to several.
type pageError struct{ feeds int }

func (e *pageError) Error() string { return "a web page" }

func (r *reply) isPage() bool { return r.kind == "text/html" || r.kind == "application/xhtml+xml" }

var (
	ndjsonKinds = regexp.MustCompile(`^application/(x-)?(ndjson|jsonl|jsonlines|json-?lines|json-seq|stream\+json)$`)
	xmlKinds    = regexp.MustCompile(`^(text|application)/(.*\+)?xml$`)
	binaryKinds = regexp.MustCompile(`^(image|audio|video|font|model|multipart)/|^application/(pdf|zip|gzip|wasm|x-(tar|gzip|7z.*)|octet-stream-.*|vnd\.(ms-|openxml).*)$`)
)

// judge says which kind of feed an answer is.
func (p *prober) judge(ctx context.Context, r *reply, f Feed, follow bool) error {
	switch {
	case r.kind == "text/event-stream":
		f.Kind = KindSSE
		p.hubs(r)
	case ndjsonKinds.MatchString(r.kind):
		f.Kind = KindNDJSON
	case binaryKinds.MatchString(r.kind):
		return &unreadableError{"This URL answers with " + r.kind + ", which has no events in it."}
	default:
		return p.document(ctx, r, f, follow)
	}
	return p.readOn(ctx, r, f)
}

// readOn hands the answer to the driver.
func (p *prober) readOn(ctx context.Context, r *reply, f Feed) error {
	p.mu.Lock()
	p.stash = &stash{r.resp, r.body}
	p.mu.Unlock()
	defer func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.stash = nil // a driver that made no request has left it
	}()
	return p.listen(ctx, f)
}

// document judges an answer by its content.
func (p *prober) document(ctx context.Context, r *reply, f Feed, follow bool) error {
	start, whole := r.body.await(ctx, p.wait, func(start []byte) bool { return len(start) > maxShown || len(trimmed(start)) > 0 })
	text := trimmed(start)
	if len(text) == 0 && len(start) > maxShown { // nothing but blanks so far
		start, whole = r.body.await(ctx, p.wait, func([]byte) bool { return false })
	}
	switch {
	case len(text) == 0 && len(start) > f.maxBody():
		return &tooLargeError{limit: f.maxBody(), unpacked: r.resp.Uncompressed}
	case len(text) == 0 && whole:
		return errNoBody
	case len(text) == 0:
		return errNothingYet
	case text[0] == '<' && !strings.HasSuffix(r.kind, "json"):
		return p.markup(ctx, r, f, follow)
	case text[0] == '{' || text[0] == '[' || strings.HasSuffix(r.kind, "json"):
		return p.json(ctx, r, f)
	case eventField.Match(bytes.TrimPrefix(start, []byte("\uFEFF"))) && !r.isPage():
		return &unreadableError{"This looks like an event stream, but the server calls it " + strings.TrimSpace(r.kind+" ") + ": no browser would read it."}
	case r.isPage():
		return p.markup(ctx, r, f, follow)
	case !isText(text):
		return &unreadableError{"The answer is no text, so there are no events to find in it."}
	}
	f.Kind = KindPoll
	f.Interval = Duration(freshFor(r.resp.Header))
	p.note("It is a text: each new version is an event.")
	return p.readOn(ctx, r, f)
}

// eventField is a line of an event stream.
var eventField = regexp.MustCompile(`^(data|event|id|retry): ?[^\r\n]*[\r\n]`)

func trimmed(start []byte) []byte {
	return bytes.TrimSpace(bytes.TrimPrefix(start, []byte("\uFEFF")))
}

// isText reports whether this is the start of a text: its last character may be
// cut.
func isText(start []byte) bool {
	start = start[:min(len(start), 4096)]
	for i := 0; i < utf8.UTFMax && len(start) > 0 && !utf8.Valid(start); i++ {
		start = start[:len(start)-1]
	}
	return utf8.Valid(start) && bytes.IndexByte(start, 0) < 0 && len(start) > 0
}

var syndicated = regexp.MustCompile(`(?i)<(rss|feed|rdf:rdf)[\s>]`)

// markup is XML or HTML: a feed, a list of feeds, or a page that may name some.
func (p *prober) markup(ctx context.Context, r *reply, f Feed, follow bool) error {
	body, whole := r.body.await(ctx, p.wait, func(start []byte) bool { return r.isPage() && len(start) > maxPage })
	head := body[:min(len(body), 4096)]
	isFeed := syndicated.Match(head) && !bytes.Contains(bytes.ToLower(head), []byte("<html"))
	switch {
	case bytes.Contains(head, []byte("<opml")):
		list, err := readOPML(bytes.NewReader(body))
		if err != nil {
			return &unreadableError{"The list of feeds (OPML) names none."}
		}
		p.list(list)
		return nil
	case isFeed || (xmlKinds.MatchString(r.kind) && !r.isPage()):
		f.Kind = KindRSS
		if feed, err := parseFeed(body); err == nil && whole && f.Name == "" {
			f.Name = feed.Title
		}
		return p.readOn(ctx, r, f)
	}
	return p.page(ctx, r, f, body[:min(len(body), maxPage)], follow)
}

// freshFor is how often to ask whoever answers with this header; 0 means as
// usual.
func freshFor(h http.Header) time.Duration {
	wait := min(maxAge(h), maxFresh)
	if s, err := strconv.Atoi(strings.TrimSpace(h.Get("X-Poll-Interval"))); err == nil && s > 0 {
		wait = max(wait, min(time.Duration(s)*time.Second, MaxInterval))
	}
	if wait <= defaultPollInterval {
		return 0
	}
	return wait
}
