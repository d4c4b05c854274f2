package source

import (
	"bytes"
	"context"
	"errors"
	"mime"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/tidwall/gjson"

	"tickertape/backend/sse"
)

// probeAccept asks for a stream where there is a choice.
const probeAccept = "text/event-stream, application/x-ndjson, application/atom+xml, application/rss+xml, application/feed+json, " +
	"application/json;q=0.9, application/xml;q=0.8, text/html;q=0.5, */*;q=0.1"

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

// reply is an answer of which nobody knows yet what it is.
type reply struct {
	resp *http.Response
	body *preview
	kind string // the media type
	held time.Duration
}

// ask makes one request to see what answers, and lets the driver of that kind
// read on.
func (p *prober) ask(ctx context.Context, f Feed, follow bool) error {
	// The request ends with its body, what comes after it doesn't.
	asked, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	like := f
	like.ID, like.Name, like.Kind = "probe", "probe", KindPoll
	if err := like.runs(); err != nil {
		return err
	}
	c, err := newClient(f, p.cfg.UserAgent, p.world)
	if err != nil {
		return err
	}
	defer c.close()
	p.step("request", c.method()+" "+maskedURL(f.URL))
	r, err := p.reply(asked, c, f, cancel)
	if wantsUpgrade(err) {
		f.URL, f.Kind = wsURL(f.URL), KindWebSocket
		return p.read(ctx, f, false)
	}
	if err != nil {
		return err
	}
	defer func() { r.body.close() }()
	if r.isPage() && p.asksForStream(f) {
		// Some servers want to hear the one word and nothing else.
		if other := p.stream(ctx, c, f); other != nil {
			r.body.close()
			r = other
		}
	}
	if moved := permanent(r.resp); moved != nil && !f.UsesSecret() && !strings.Contains(f.URL, "{{") {
		f.URL = moved.String()
	}
	return p.judge(ctx, r, f, follow)
}

// reply waits for the head of an answer.
func (p *prober) reply(ctx context.Context, c *client, f Feed, cancel context.CancelCauseFunc) (*reply, error) {
	late := time.AfterFunc(probeWait, func() { cancel(errNoHead) })
	defer late.Stop()
	began := time.Now()
	resp, err := c.get(ctx, f.URL, "", probeAccept, nil)
	if status, ok := errors.AsType[*sse.StatusError](err); ok && p.asksForStream(f) && (status.Code == http.StatusNotAcceptable || status.Code == http.StatusBadRequest) {
		if other := p.stream(ctx, c, f); other != nil {
			return other, nil
		}
	}
	if cause := context.Cause(ctx); err != nil && errors.Is(cause, errNoHead) {
		return nil, cause
	}
	if err != nil {
		return nil, err
	}
	return newReply(resp, f, func() { cancel(nil) }, time.Since(began)), nil
}

// wantsUpgrade reports whether somebody answers who speaks only WebSocket.
func wantsUpgrade(err error) bool {
	status, ok := errors.AsType[*sse.StatusError](err)
	return ok && (status.Code == http.StatusUpgradeRequired || status.Header.Get("Sec-WebSocket-Version") != "")
}

func newReply(resp *http.Response, f Feed, cancel func(), held time.Duration) *reply {
	kind, _, err := mime.ParseMediaType(resp.Header.Get("Content-Type"))
	if err != nil {
		kind, _, _ = strings.Cut(strings.ToLower(resp.Header.Get("Content-Type")), ";")
	}
	return &reply{resp, newPreview(resp.Body, f.maxBody(), cancel), strings.TrimSpace(kind), held}
}

func (p *prober) asksForStream(f Feed) bool {
	for name := range f.Headers {
		if strings.EqualFold(name, "Accept") {
			return false // its owner knows better
		}
	}
	return true
}

// stream asks once more, for an event stream alone; nil if there is none.
func (p *prober) stream(ctx context.Context, c *client, f Feed) *reply {
	p.step("request", "again, for an event stream")
	asked, stop := context.WithCancel(ctx)
	late := time.AfterFunc(probeWait/2, stop)
	resp, err := c.get(asked, f.URL, "", "text/event-stream", nil)
	late.Stop()
	if err != nil {
		stop()
		return nil
	}
	r := newReply(resp, f, stop, 0)
	if r.kind != "text/event-stream" {
		r.body.close()
		return nil
	}
	return r
}

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
	return p.listen(ctx, f)
}

// document judges an answer by its content.
func (p *prober) document(ctx context.Context, r *reply, f Feed, follow bool) error {
	start, whole := r.body.await(ctx, probeWait, func(start []byte) bool { return len(start) > maxShown || len(trimmed(start)) > 0 })
	text := trimmed(start)
	if len(text) == 0 && len(start) > maxShown { // nothing but blanks so far
		start, whole = r.body.await(ctx, probeWait, func([]byte) bool { return false })
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
	body, whole := r.body.await(ctx, probeWait, func(start []byte) bool { return r.isPage() && len(start) > maxPage })
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

// page follows the only feed that a page names, or offers those there are.
func (p *prober) page(ctx context.Context, r *reply, f Feed, body []byte, follow bool) error {
	at := r.resp.Request.URL
	found := readPage(body, at)
	found.linkHeader(r.resp.Header)
	p.step("page", count(len(found.feeds), "feed", "feeds")+" on the page "+found.title)
	feeds := slices.DeleteFunc(found.feeds, func(o ProbeOffer) bool { return o.URL == f.URL })
	p.result.Name = found.title
	if len(feeds) != 1 || !follow {
		p.result.Feeds = append(feeds, p.result.Feeds...)
		return &pageError{len(feeds)}
	}
	next := feeds[0]
	if f.Name == "" && next.Kind != KindRSS {
		f.Name = oneLine(next.Title)
	}
	if !strings.EqualFold(hostOf(next.URL), at.Host) { // the keys are for the page's host
		f.Headers, f.Auth = nil, Auth{}
	}
	f.URL, f.Method, f.Body, f.Kind = next.URL, "", "", map[bool]string{true: KindSSE}[next.Kind == KindSSE]
	p.note("The page " + at.Host + " leads to it.")
	p.step("follow", maskedURL(next.URL))
	followed := context.WithValue(ctx, chainKey{}, chainOf(r.resp.Request.Context()))
	return p.read(followed, f, false)
}

// hubs offers the Mercure hubs that an answer names.
func (p *prober) hubs(r *reply) {
	found := page{base: r.resp.Request.URL}
	found.linkHeader(r.resp.Header)
	for _, offer := range found.feeds {
		if offer.Kind == KindSSE {
			p.result.Feeds = append(p.result.Feeds, offer)
		}
	}
}

// json is a JSON Feed, lines of JSON, or a document to be polled.
func (p *prober) json(ctx context.Context, r *reply, f Feed) error {
	body, whole := r.body.await(ctx, pauseOfLines, func(start []byte) bool { return linesOfJSON(start) > 1 })
	if n := linesOfJSON(body); n > 1 || (n == 1 && !whole) {
		f.Kind = KindNDJSON
		return p.readOn(ctx, r, f)
	}
	body, whole = r.body.await(ctx, probeWait, func([]byte) bool { return false })
	p.hubs(r)
	body = trimmed(body)
	doc := gjson.ParseBytes(body)
	title := doc.Get("title")
	if !title.Exists() || title.Type != gjson.String {
		title = doc.Get("metadata.title")
	}
	if title.Type == gjson.String && f.Name == "" {
		f.Name = oneLine(title.Str)
	}
	switch {
	case !whole:
		return errNothingYet
	case strings.Contains(doc.Get("version").Str, "jsonfeed.org/version/"):
		f.Kind = KindRSS
		return p.readOn(ctx, r, f)
	case len(body) <= f.maxBody() && !gjson.ValidBytes(body):
		return errNotJSON
	}
	f.Kind = KindPoll
	if f.Items == "" {
		f.Items = findItems(doc)
	}
	if f.Interval == 0 {
		f.Interval = Duration(freshFor(r.resp.Header))
	}
	if name := cursorName(doc); name != "" {
		p.note("The answer says what comes next (" + name + "): if the server holds requests until there is news, this is long polling, of the kind longpoll with a cursor.")
	}
	if r.held > heldFor {
		p.note("The server held the request for " + r.held.Round(time.Second).String() + ": it may be meant for long polling (kind longpoll).")
	}
	return p.readOn(ctx, r, f)
}

// cursorName is the member of a document that names where the next one begins.
func cursorName(doc gjson.Result) string {
	for _, name := range []string{"next", "cursor", "next_cursor", "nextCursor", "next_batch", "last_id"} {
		if at := doc.Get(name); at.Type == gjson.String && at.Str != "" && !strings.Contains(at.Str, "/") {
			return name
		}
	}
	return ""
}

// linesOfJSON counts the objects that a text has on lines of their own, two at
// most; 0 if it isn't made of such lines.
func linesOfJSON(text []byte) (n int) {
	const longest = 1 << 20
	text = text[:min(len(text), longest)]
	for line := range bytes.Lines(text) {
		if line[len(line)-1] != '\n' {
			return n
		}
		line = bytes.Trim(line, " \t\r\n\x1e")
		switch {
		case len(line) == 0:
		case line[0] != '{' || !gjson.ValidBytes(line):
			return 0
		case n == 1:
			return 2
		default:
			n++
		}
	}
	return n
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
