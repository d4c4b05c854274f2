package server

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
)

// step is a request to the private door and what it answers.
type step struct {
	rule, method, path, body string
	status                   int
	want                     string // the fields of the answer that matter, or of Problem.Errors, as JSON
}

// walk takes the steps in turn.
func (r *rig) steps(t *testing.T, steps []step) {
	t.Helper()
	for _, s := range steps {
		got := r.do(t, ask{private: true, method: s.method, path: s.path, body: strings.ReplaceAll(s.body, "'", `"`)})
		if got.status != s.status {
			t.Errorf("%s: %d %s, want %d", s.rule, got.status, got.body, s.status)
			continue
		}
		if s.status == http.StatusNoContent {
			diff(t, s.rule, "", got.body)
			continue
		}
		var body, want map[string]any
		must(t, json.Unmarshal([]byte(got.body), &body))
		if s.status >= 400 {
			p := got.problem(t, s.status)
			body = map[string]any{"detail": p.Detail}
			for field, sentence := range p.Errors {
				body[field] = sentence
			}
		}
		must(t, json.Unmarshal([]byte("{"+strings.ReplaceAll(s.want, "'", `"`)+"}"), &want))
		for field, value := range want {
			text, isText := body[field].(string)
			if part, ok := value.(string); ok && s.status >= 400 && isText && strings.Contains(text, part) {
				continue // a part of the sentence will do
			}
			diff(t, s.rule+": "+field, value, body[field])
		}
	}
}

func TestFeedsAreAddedEditedPausedAndRemoved(t *testing.T) {
	r := build{window: true, feeds: clockFeed}.run(t)
	r.steps(t, []step{
		{"a feed needs only a URL", "POST", "/api/feeds", `{'url': 'http://127.0.0.1:1/a'}`, 201, `'id': '127-0-0-1-1', 'name': '127.0.0.1:1', 'kind': 'sse', 'color': 2, 'paused': false`},
		{"its id is made from its name", "POST", "/api/feeds", `{'name': ' Wall  Street ', 'url': ' http://127.0.0.1:1/b '}`, 201, `'id': 'wall-street', 'name': 'Wall  Street', 'url': 'http://127.0.0.1:1/b', 'color': 3`},
		{"what is given is kept", "POST", "/api/feeds", `{'id': 'x', 'name': 'X', 'kind': 'clock', 'interval': '1m', 'color': 12, 'paused': true}`, 201, `'id': 'x', 'interval': '1m0s', 'color': 12, 'paused': true`},
		{"an edit changes what it names", "PUT", "/api/feeds/wall-street", `{'name': 'Street', 'share': true}`, 200, `'id': 'wall-street', 'name': 'Street', 'url': 'http://127.0.0.1:1/b', 'color': 3, 'share': true`},
		{"an edit can't change the id", "PUT", "/api/feeds/wall-street", `{'id': 'other'}`, 200, `'id': 'wall-street'`},
		{"an edit of nothing", "PUT", "/api/feeds/wall-street", `{}`, 200, `'name': 'Street'`},
		{"pausing answers how it is", "POST", "/api/feeds/clock/pause", ``, 200, `'id': 'clock', 'state': 'paused', 'color': 1`},
		{"pausing again", "POST", "/api/feeds/clock/pause", ``, 200, `'state': 'paused'`},
		{"a paused feed isn't retried", "POST", "/api/feeds/clock/retry", ``, 200, `'state': 'paused'`},
		{"resuming", "POST", "/api/feeds/clock/resume", ``, 200, `'id': 'clock'`},
		{"retrying", "POST", "/api/feeds/wall-street/retry", ``, 200, `'id': 'wall-street', 'kind': 'sse'`},
		{"removing", "DELETE", "/api/feeds/wall-street", ``, 204, ``},
		{"removing again", "DELETE", "/api/feeds/wall-street", ``, 404, `'detail': 'There is no such feed'`},
		{"undo: the same feed posted again", "POST", "/api/feeds", `{'id': 'wall-street', 'name': 'Street', 'kind': 'sse', 'url': 'http://127.0.0.1:1/b', 'color': 3, 'paused': false, 'share': true}`, 201, `'id': 'wall-street', 'name': 'Street', 'share': true`},
		{"editing nobody", "PUT", "/api/feeds/nobody", `{}`, 404, `'detail': 'There is no such feed'`},
		{"pausing nobody", "POST", "/api/feeds/nobody/pause", ``, 404, ``},
		{"resuming nobody", "POST", "/api/feeds/nobody/resume", ``, 404, ``},
		{"retrying nobody", "POST", "/api/feeds/nobody/retry", ``, 404, ``},
	})
	r.retryUntilItFails(t, "wall-street") // it runs, so the supervisor has it
}

func TestARemovedFeedKeepsItsHistoryAndIsGoneAtOnce(t *testing.T) {
	r := build{window: true, feeds: clockFeed}.run(t)
	r.add(t, count("clock", 1, 2)...)
	before, _ := r.cfg.Settings.Current()
	r.steps(t, []step{{"removing", "DELETE", "/api/feeds/clock", ``, 204, ``}})
	if got := r.do(t, ask{private: true, path: "/feeds"}).body; got != `{"feeds":[]}`+"\n" {
		t.Errorf("still there: %s", got)
	}
	if got := r.shows(t, ask{private: true, path: "/events?feed=clock"}); got != "clock" {
		t.Errorf("history has %q", got)
	}
	undo, err := json.Marshal(before.Feeds[0])
	must(t, err)
	r.steps(t, []step{{"undo, with what the settings had", "POST", "/api/feeds", string(undo), 201, `'id': 'clock'`}})
	after, _ := r.cfg.Settings.Current()
	diff(t, "after undo", before, after)
}

func TestBadFeedsAreRefusedByField(t *testing.T) {
	r := build{window: true, feeds: clockFeed + "," + secretFeed}.run(t)
	before, revision := r.cfg.Settings.Current()
	const add = "/api/feeds"
	r.steps(t, []step{
		{"no URL", "POST", add, `{'name': 'x'}`, 422, `'url': 'Paste the URL of the feed.'`},
		{"nothing at all", "POST", add, `{}`, 422, `'url': 'Paste', 'name': 'Give the feed a name.'`},
		{"not http", "POST", add, `{'url': 'ftp://example.com/'}`, 422, `'url': 'not ftp://'`},
		{"a page's path", "POST", add, `{'name': 'x', 'url': 'example.com/stream'}`, 422, `'url': 'begins with http'`},
		{"an unknown kind", "POST", add, `{'name': 'x', 'kind': 'telex', 'url': 'http://a.example/'}`, 422, `'kind': 'no kind of feed'`},
		{"a name that is taken, in another case", "POST", add, `{'name': 'CLOCK', 'url': 'http://a.example/'}`, 422, `'name': 'There is a feed called'`},
		{"an id that is taken", "POST", add, `{'id': 'clock', 'name': 'x', 'url': 'http://a.example/'}`, 422, `'id': 'There is a feed with the id'`},
		{"an id with a slash", "POST", add, `{'id': 'a/b', 'name': 'x', 'url': 'http://a.example/'}`, 422, `'id': 'An id is'`},
		{"a name of 61 characters", "POST", add, `{'name': '` + strings.Repeat("é", 61) + `', 'url': 'http://a.example/'}`, 422, `'name': 'this one has 61'`},
		{"a colour that isn't there", "PUT", add + "/clock", `{'color': 13}`, 422, `'color': 'from 1 to 12'`},
		{"an interval that is too short", "PUT", add + "/clock", `{'interval': '1ms'}`, 422, `'interval': 'between 100 ms and 24 hours'`},
		{"an interval that is none", "PUT", add + "/clock", `{'interval': 'often'}`, 422, `'interval': 'written like 500ms'`},
		{"an empty name", "PUT", add + "/clock", `{'name': ' '}`, 422, `'name': 'Give the feed a name.'`},
		{"several at once", "PUT", add + "/secret", `{'name': '', 'url': ''}`, 422, `'name': 'Give', 'url': 'Paste'`},
		{"a number for a name", "PUT", add + "/clock", `{'name': 7}`, 400, `'detail': 'name can\u0027t be a JSON number.'`},
		{"a list", "PUT", add + "/clock", `[]`, 400, `'detail': 'The request can\u0027t be a JSON array.'`},
		{"no JSON", "POST", add, `url=http://a.example/`, 400, `'detail': 'not the JSON expected'`},
		{"half a request", "POST", add, `{'name': `, 400, `'detail': 'not the JSON expected'`},
		{"two requests", "POST", add, `{'url': 'http://a.example/'}{}`, 400, `'detail': 'more than one JSON value'`},
		{"a bracket too many", "POST", add, `{'url': 'http://a.example/'}}`, 400, `'detail': 'not the JSON expected'`},
		{"no body", "POST", add, ``, 400, `'detail': 'has no body'`},
		{"a body over the limit", "POST", add, `{'name': '` + strings.Repeat("x", maxBody) + `'}`, 413, `'detail': 'larger than 1048576 bytes'`},
		{"a body over the limit behind a good one", "POST", add, `{'url': 'http://a.example/'}` + strings.Repeat(" ", maxBody), 413, `'detail': 'larger than'`},
	})
	after, now := r.cfg.Settings.Current()
	diff(t, "settings", before, after)
	if now != revision {
		t.Error("the revision rose")
	}
}
