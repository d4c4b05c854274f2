package source

import (
	"context"
	"encoding/json"
	"errors"
	"hash/maphash"
	"mime"
	"net/http"
	"net/url"
	"strings"
	"time"

	"tickertape/backend/event"
)

// pollTimeout bounds the time that one answer may take, once it has begun.
const pollTimeout = 2 * time.Minute

// maxMark bounds what an answer says to remember (ETag, Last-Modified): it goes
// into each following request and into the journal.
const maxMark = 4 << 10

// maxFresh bounds how long an answer's Cache-Control or ttl can keep us from
// asking again: a year is for pictures, not for feeds.
const maxFresh = time.Hour

// poller reads a feed by asking again and again. It keeps what it saw last for
// as long as the program runs; the rest is in its resume token.
type poller struct {
	feed   Feed
	agent  string
	world  network
	accept string
	parse  func(answer) (found, error)
	body   body

	moved string            // where a permanent redirect led
	told  bool              // that it has
	seen  map[string]uint64 // the items of the last answer by id, as hashes
	last  uint64            // a hash of that answer

	answered time.Time     // when it was read or was still so
	fresh    time.Duration // what it said of its own freshness
}

// found is what an answer holds.
type found struct {
	items []item // oldest first
	fresh time.Duration
	bad   []badInput

	entities bool // its XML defines some of its own
}

// item is one event of an answer. Its id is how a duplicate is known.
type item struct {
	id    string
	data  []byte
	whole bool // a document, which is an event whenever it changes
}

// pollState is a poller's resume token, as JSON.
type pollState struct {
	ETag     string `json:"etag,omitempty"`
	Modified string `json:"modified,omitempty"`
	Document string `json:"document,omitempty"` // a hash of the last whole document
	Cursor   string `json:"cursor,omitempty"`
	Items    string `json:"items,omitempty"` // the path that all this was found with
}

// readPollState reads the token of a feed whose items stand at this path. One
// that was made with another path must not keep the answer from being read
// again.
func readPollState(token, items string) pollState {
	var state pollState
	_ = json.Unmarshal([]byte(token), &state) // anything odd: from the start
	if state.Items != items {
		state = pollState{Cursor: state.Cursor, Items: items}
	}
	return state
}

func (s pollState) token() string {
	token, err := json.Marshal(s)
	if err != nil {
		return "" // can't be: four strings
	}
	return string(token)
}

// answer is one answer to a poll.
type answer struct {
	body   []byte
	header http.Header
	url    *url.URL // after redirects
}

// Run polls until one fails.
func (p *poller) Run(ctx context.Context, resume string, emit *Emitter) error {
	c, err := newClient(p.feed, p.agent, p.world)
	if err != nil {
		return err
	}
	defer c.close()
	state := readPollState(resume, p.feed.Items)
	emit.Every(p.feed.interval())
	for first := true; ; first = false {
		wait, err := p.poll(ctx, c, &state, emit, first)
		if err != nil {
			p.moved = "" // perhaps it was no good place to move to
			return err
		}
		emit.Every(wait)
		if err := sleep(ctx, wait+jitter(wait/10)); err != nil {
			return err
		}
	}
}

// poll asks once, and says how long to wait before the next time.
func (p *poller) poll(ctx context.Context, c *client, state *pollState, emit *Emitter, first bool) (time.Duration, error) {
	defer p.body.release()
	a, err := p.ask(ctx, c, *state, emit)
	if err != nil {
		return 0, err
	}
	var got found
	hash := maphash.Bytes(seed, a.body)
	news := a.body != nil && hash != p.last
	if news {
		if got, err = p.parse(a); err != nil {
			return 0, err
		}
	}
	if first {
		emit.Live()
	}
	emit.Bytes(len(a.body))
	if news {
		if err := p.emit(ctx, a, got, state, emit); err != nil {
			return 0, err
		}
		p.last, p.fresh = hash, got.fresh
		p.tellMove(ctx, emit) // now that a feed was found there
	}
	p.answered = time.Now()
	return p.pause(a.header, p.fresh), nil
}

// ask makes the request, conditional if the last answer allows that. The body
// is nil when nothing has changed.
func (p *poller) ask(ctx context.Context, c *client, state pollState, emit *Emitter) (answer, error) {
	ctx, cancel := context.WithTimeout(ctx, p.feed.answerTimeout()+pollTimeout)
	defer cancel()
	from := p.feed.URL
	if p.moved != "" {
		from = p.moved
	}
	conditional := func(h http.Header) {
		if c.method() != http.MethodGet {
			return
		}
		if state.ETag != "" {
			h.Set("If-None-Match", state.ETag)
		}
		if state.Modified != "" {
			h.Set("If-Modified-Since", state.Modified)
		}
	}
	resp, err := c.get(ctx, from, state.Cursor, p.accept, conditional, http.StatusNotModified, http.StatusNoContent)
	if err != nil {
		return answer{}, err
	}
	defer resp.Body.Close()
	if to := permanent(resp); to != nil && p.mayMove() {
		p.moved = to.String()
	}
	a := answer{header: resp.Header, url: resp.Request.URL}
	if resp.StatusCode == http.StatusOK {
		a.body, err = p.read(ctx, resp, emit)
	}
	return a, err
}

// read reads the body of an answer that ends.
func (p *poller) read(ctx context.Context, resp *http.Response, emit *Emitter) ([]byte, error) {
	if kind, _, _ := mime.ParseMediaType(resp.Header.Get("Content-Type")); kind == "text/event-stream" {
		return nil, &kindError{kind}
	}
	return p.body.read(ctx, resp, pieced(resp, emit), p.feed.maxBody())
}

// permanent is where an answer's redirects have led for good: up to the first
// one that was only for now.
func permanent(resp *http.Response) (to *url.URL) {
	for req := resp.Request; req.Response != nil; req = req.Response.Request {
		switch req.Response.StatusCode {
		case http.StatusMovedPermanently, http.StatusPermanentRedirect:
			if to == nil {
				to = req.URL
			}
		default:
			to = nil
		}
	}
	return to
}

// tellMove has the feed's new URL saved, once. Only RSS has it in its manners: other
// services redirect for good and mean this answer.
func (p *poller) tellMove(ctx context.Context, emit *Emitter) {
	if p.feed.Kind != KindRSS || p.moved == "" || p.told || urlProblem(p.moved, false) != "" || len(p.moved) > maxMark {
		return
	}
	p.told = true
	emit.Moved(ctx, p.moved)
}

// mayMove keeps credentials at the host that they were given for, and marks in
// the URL.
func (p *poller) mayMove() bool {
	return !p.feed.UsesSecret() && !strings.Contains(p.feed.URL, "{{") && p.feed.Cursor.Param == ""
}

// emit hands on the items that are new. The state goes with the last of them:
// if that isn't accepted, the same answer comes again.
func (p *poller) emit(ctx context.Context, a answer, got found, state *pollState, emit *Emitter) error {
	for _, bad := range got.bad {
		emit.Bad(bad.Reason, bad.sample)
	}
	if got.entities {
		emit.notice(noticeEntities)
	}
	next := pollState{ETag: mark(a.header.Get("ETag")), Modified: mark(a.header.Get("Last-Modified")), Document: state.Document, Cursor: p.cursor(a, state.Cursor), Items: state.Items}
	if p.overtaken(got.items) {
		emit.Missing("The answer has no item of the one before", p.answered)
	}
	raws, seen := p.news(got.items, &next)
	if len(raws) == 0 {
		emit.Resume(next.token())
	} else {
		raws[len(raws)-1].Resume = next.token()
		if err := emit.Events(ctx, raws...); err != nil {
			return err
		}
	}
	p.seen, *state = seen, next
	return nil
}

// news are the items that are new, with the hashes of all of them by id.
func (p *poller) news(items []item, next *pollState) (raws []event.Raw, seen map[string]uint64) {
	now := time.Now()
	seen = make(map[string]uint64, len(items))
	for _, it := range items {
		switch {
		case it.whole:
			hash := contentID(it.data)
			if hash == next.Document {
				continue
			}
			next.Document = hash
		case it.id != "":
			hash := maphash.Bytes(seed, it.data)
			switch other, twice := seen[it.id]; {
			case twice && other == hash:
				continue
			case twice:
				it.id += "#" + contentID(it.data) // two items under one id are not versions of each other
			}
			seen[it.id] = hash
			if before, ok := p.seen[it.id]; ok && before == hash {
				continue
			}
		}
		raws = append(raws, event.Raw{Data: it.data, ID: it.id, ReceivedAt: now})
	}
	return raws, seen
}

// overtaken reports whether a list has moved on so far that items may have come
// and gone unseen. One that has only ever one item tells nothing, nor do items
// that are known by their content: readings all change at once.
func (p *poller) overtaken(items []item) bool {
	if len(p.seen) < 2 || len(items) == 0 || p.feed.Cursor != (Cursor{}) {
		return false
	}
	for _, it := range items {
		if _, known := p.seen[it.id]; known || it.id == "" || it.id == contentID(it.data) {
			return false
		}
	}
	return true
}

// seed is for hashes that never leave the process.
var seed = maphash.MakeSeed()

func mark(s string) string {
	if len(s) > maxMark {
		return ""
	}
	return s
}

// cursor is the one after the answer; one without leaves it as it was.
func (p *poller) cursor(a answer, before string) string {
	at := cursorOf(p.feed.Cursor, a)
	if at == "" || len(at) > maxMark {
		return before
	}
	return at
}

var errNotJSON = errors.New("the answer is not JSON")
