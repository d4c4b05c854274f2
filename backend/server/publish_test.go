package server

import (
	"bufio"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"tickertape/backend/event"
	"tickertape/backend/settings"
)

// pushFeeds are a feed to publish to, one that is paused, and one of another
// kind.
const pushFeeds = hooksFeed + `, {"id": "paused", "name": "Paused", "kind": "push", "paused": true},` + clockFeed

const hooksFeed = `{"id": "hooks", "name": "Hooks", "kind": "push"}`

const ndjson = "application/x-ndjson"

// token makes a token, as another program would.
func (r *rig) token(t testing.TB, name, scope string) (secret string) {
	t.Helper()
	must(t, r.cfg.Settings.Update(t.Context(), func(next *settings.Settings) (err error) {
		secret, _, err = next.AddToken(name, scope, time.Now())
		return err
	}))
	return secret
}

func (r *rig) revoke(t *testing.T, name string) {
	t.Helper()
	must(t, r.cfg.Settings.Update(t.Context(), func(next *settings.Settings) error {
		next.RemoveToken(name)
		return nil
	}))
}

// publishRig has push feeds, and a token to publish to them.
func publishRig(t *testing.T) (r *rig, token string) {
	t.Helper()
	r = build{window: true, feeds: pushFeeds}.run(t)
	for r.cfg.Journal.Head() == 0 { // the clock's one message
		<-time.After(time.Millisecond)
	}
	token = r.token(t, "test", settings.ScopePublish)
	return r, token
}

// toHooks is a request that publishes to the feed hooks.
func toHooks(token, contentType, params, body string) ask {
	a := ask{method: http.MethodPost, path: "/feeds/hooks/events" + params, body: body, header: map[string]string{"Authorization": "Bearer " + token}}
	if contentType != "" {
		a.header["Content-Type"] = contentType
	}
	return a
}

// accepted checks that events were published, and returns the answer.
func (got answer) accepted(t *testing.T) (p published) {
	t.Helper()
	if got.status != http.StatusAccepted || got.header.Get("Content-Type") != "application/json" {
		t.Errorf("%d %s", got.status, got.body)
		return p
	}
	must(t, json.Unmarshal([]byte(got.body), &p))
	return p
}

// kept are the payloads of the feed hooks, oldest first.
func (r *rig) kept(t *testing.T) string {
	t.Helper()
	var page struct {
		Events []struct{ Type, Data string }
	}
	r.get(t, ask{path: "/events?feed=hooks&after=" + r.id(0)}, &page)
	var all []string
	for _, e := range page.Events {
		all = append(all, strings.TrimPrefix(e.Type+":", "message:")+e.Data)
	}
	return strings.Join(all, " ")
}

func TestAnEventIsPublishedWhenTheAnswerComes(t *testing.T) {
	r, token := publishRig(t)
	for i, row := range []struct{ contentType, params, body, want string }{
		{"application/json", "", ` {"a": 1}`, ` {"a": 1}`},
		{"application/json; charset=utf-8", "?type=deploy", `[2]`, `deploy:[2]`},
		{"text/plain", "", "plain\ntext", "plain\ntext"},
		{"", "", "untold", "untold"},
		{"application/octet-stream", "", "", ""},
	} {
		before := r.cfg.Journal.Head()
		got := r.do(t, toHooks(token, row.contentType, row.params, row.body)).accepted(t)
		id := r.id(r.cfg.Journal.Head())
		diff(t, fmt.Sprint("answer ", i), published{ID: id, First: id, Last: id, Count: 1}, got)
		if r.cfg.Journal.Head() != before+1 {
			t.Errorf("%q: %d events were stored", row.body, r.cfg.Journal.Head()-before)
		}
		if kept := r.kept(t); !strings.HasSuffix(kept, row.want) {
			t.Errorf("kept %q, want %q at the end", kept, row.want)
		}
	}
	// The window publishes with its key.
	private := toHooks("", "", "", "from the window")
	private.private = true
	delete(private.header, "Authorization")
	if got := r.do(t, private).accepted(t); got.Count != 1 {
		t.Errorf("%+v", got)
	}
}

func TestPublishingAgainUnderTheSameIDGivesTheSameEvent(t *testing.T) {
	r, token := publishRig(t)
	first := r.do(t, toHooks(token, "", "?id=a", "one")).accepted(t)
	again := r.do(t, toHooks(token, "", "?id=a", "one")).accepted(t)
	diff(t, "the same again", published{ID: first.ID, Duplicates: 1}, again)
	lines := r.do(t, toHooks(token, ndjson, "", "1\n")).accepted(t)
	if lines.ID == first.ID || lines.Count != 1 {
		t.Errorf("without an id: %+v", lines)
	}
	edited := r.do(t, toHooks(token, "", "?id=a", "two")).accepted(t)
	if edited.ID == first.ID || edited.Count != 1 || edited.Duplicates != 0 {
		t.Errorf("an edit: %+v", edited)
	}
	if got := r.kept(t); got != "one 1 two" {
		t.Errorf("kept %q", got)
	}
}

func TestLinesAreEventsInTheirOrder(t *testing.T) {
	r, token := publishRig(t)
	for _, row := range []struct {
		rule, body, want string
		count            int
	}{
		{"nothing", "", "", 0},
		{"blank lines only", "\n \r\n\n", "", 0},
		{"blank lines between, no line break at the end", "1\n\n2\r\n \"3\" \n4", "1 2 \"3\" 4", 4},
	} {
		got := r.do(t, toHooks(token, ndjson, "?type=n", row.body)).accepted(t)
		if got.Count != row.count || (got.ID == "") != (row.count == 0) || got.ID != got.Last {
			t.Errorf("%s: %+v", row.rule, got)
		}
		if kept := strings.ReplaceAll(r.kept(t), "n:", ""); kept != row.want {
			t.Errorf("%s: kept %q", row.rule, kept)
		}
	}
	// More than a read, a group and a commit hold, with lines across all borders.
	var body strings.Builder
	const many = 3000
	for i := range many {
		fmt.Fprintf(&body, "{\"n\":%d,\"pad\":%q}\n", i, strings.Repeat("x", i%97))
	}
	body.WriteString(`"` + strings.Repeat("long", 100_000) + `"`)
	before := r.cfg.Journal.Head()
	got := r.do(t, toHooks(token, ndjson, "", body.String())).accepted(t)
	if got.Count != many+1 || got.Last != r.id(before+many+1) {
		t.Fatalf("%+v", got)
	}
	e, err := r.cfg.Journal.Event(t.Context(), before+many)
	must(t, err)
	if !strings.HasPrefix(string(e.Data), fmt.Sprintf(`{"n":%d,`, many-1)) {
		t.Errorf("the last but one is %s", e.Data)
	}
}

func TestARequestThatCannotBePublishedIsExplained(t *testing.T) {
	r, token := publishRig(t)
	reader := r.token(t, "reader", settings.ScopeRead)
	to := func(feed string) ask {
		a := toHooks(token, "", "", "x")
		a.path = "/feeds/" + feed + "/events"
		return a
	}
	with := func(a ask, name, value string) ask {
		a.header[name] = value
		return a
	}
	without := toHooks("", "", "", "x")
	delete(without.header, "Authorization")
	big := `"` + strings.Repeat("x", maxEvent) + `"`
	for _, row := range []struct {
		rule   string
		ask    ask
		status int
		says   string
	}{
		{"no token, though from this computer", without, 401, "needs an access token"},
		{"an unknown token", toHooks("tt_x", "", "", "x"), 401, "not known"},
		{"a password", with(toHooks("", "", "", "x"), "Authorization", "Basic "+token), 401, "not known"},
		{"a token that only reads", toHooks(reader, "", "", "x"), 403, "scope publish"},
		{"no such feed", to("nowhere"), 404, "no such feed"},
		{"a feed of another kind", to("clock"), 409, "kind push"},
		{"a paused feed", to("paused"), 409, "paused"},
		{"a form", toHooks(token, "application/x-www-form-urlencoded", "", "a=b"), 415, "Content-Type"},
		{"a content type that is none", toHooks(token, "/", "", "x"), 415, "Content-Type"},
		{"a compressed body", with(toHooks(token, "", "", "x"), "Content-Encoding", "gzip"), 415, "Content-Encoding"},
		{"not JSON", toHooks(token, "application/json", "", `{"a":}`), 400, "byte 6: invalid character"},
		{"two JSON values", toHooks(token, "application/json", "", `1 2`), 400, "byte 3:"},
		{"no JSON", toHooks(token, "application/json", "", ``), 400, "unexpected end"},
		{"a type of two lines", toHooks(token, "", "?type=a%0Ab", "x"), 400, "type="},
		{"a long id", toHooks(token, "", "?id="+strings.Repeat("x", maxLabel+1), "x"), 400, "id="},
		{"one id for many", toHooks(token, ndjson, "?id=1", "1\n"), 400, "id="},
		{"too large an event", toHooks(token, "application/json", "", big), 413, "4 MiB"},
		{"a line that is no JSON", toHooks(token, ndjson, "", "\n{\n1\n"), 400, "Line 2 is not one JSON value: byte 1:"},
		{"too long a line", toHooks(token, ndjson, "", big+"\n1\n"), 413, "Line 1 is longer"},
		{"far too long a line", toHooks(token, ndjson, "", "\n"+big+big), 413, "Line 2 is longer"},
	} {
		t.Run(row.rule, func(t *testing.T) {
			got := r.do(t, row.ask)
			if p := got.problem(t, row.status); !strings.Contains(p.Detail, row.says) || p.Stored != nil {
				t.Errorf("%s %+v", p.Detail, p.Stored)
			}
			if want := map[bool]string{true: "Bearer"}[row.status == 401]; got.header.Get("WWW-Authenticate") != want {
				t.Errorf("WWW-Authenticate is %q", got.header.Get("WWW-Authenticate"))
			}
		})
	}
	if got := r.kept(t); got != "" {
		t.Errorf("kept %q", got)
	}
	// What is as large as it may be is taken, by every way.
	full := `"` + big[3:]
	r.do(t, toHooks(token, "application/json", "", full)).accepted(t)
	r.do(t, toHooks(token, ndjson, "", full+"\r\n")).accepted(t)
}

func TestABadLineTellsWhatWasStoredBeforeIt(t *testing.T) {
	r, token := publishRig(t)
	p := r.do(t, toHooks(token, ndjson, "", "1\n2\n3x\n4\n")).problem(t, 400)
	head := r.cfg.Journal.Head()
	if want := fmt.Sprintf("Line 3 is not one JSON value: byte 2: invalid character 'x' after top-level value. Of the events before that, 2 were stored; the last one is %s.", r.id(head)); p.Detail != want {
		t.Errorf("%s\nwant %s", p.Detail, want)
	}
	diff(t, "stored", &published{ID: r.id(head), First: r.id(head - 1), Last: r.id(head), Count: 2}, p.Stored)
	if got := r.kept(t); got != "1 2" {
		t.Errorf("kept %q", got)
	}
}

// stream begins a request that publishes lines as long as its writer is open.
func (r *rig) stream(t *testing.T, token string) (lines *io.PipeWriter, ended <-chan answer) {
	t.Helper()
	body, lines := io.Pipe()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, r.frontURL()+"/feeds/hooks/events", body)
	must(t, err)
	request.Header.Set("Authorization", "Bearer "+token)
	request.Header.Set("Content-Type", ndjson)
	end := make(chan answer, 1)
	go func() {
		defer close(end)
		response, err := r.client.Do(request)
		if err != nil {
			return // cut
		}
		defer response.Body.Close()
		got, _ := io.ReadAll(response.Body)
		end <- answer{response.StatusCode, response.Header, string(got)}
	}()
	t.Cleanup(func() { lines.Close() })
	return lines, end
}

func TestAStreamedLineIsSeenWhileTheRequestIsOpen(t *testing.T) {
	r, token := publishRig(t)
	reader := r.read(t, ask{path: "/event_stream?feed=hooks&after=" + r.id(0)})
	lines, ended := r.stream(t, token)
	for i := range 3 {
		fmt.Fprintf(lines, "%d\n", i)
		if e := reader.next(t); e.Data != fmt.Sprint(i) {
			t.Errorf("read %+v", e)
		}
	}
	fmt.Fprint(lines, "3") // the last one needs no line break
	lines.Close()
	if got := (<-ended).accepted(t); got.Count != 4 {
		t.Errorf("%+v", got)
	}
}

func TestALineThatWasCutIsNotStored(t *testing.T) {
	r, token := publishRig(t)
	conn, err := net.Dial("tcp", strings.TrimPrefix(r.frontURL(), "http://"))
	must(t, err)
	defer conn.Close()
	reader := r.read(t, ask{path: "/event_stream?feed=hooks&after=" + r.id(0)})
	fmt.Fprintf(conn, "POST /feeds/hooks/events HTTP/1.1\r\nHost: %s\r\nAuthorization: Bearer %s\r\nContent-Type: %s\r\nContent-Length: 100\r\n\r\n1\n2\n3",
		strings.TrimPrefix(r.frontURL(), "http://"), token, ndjson)
	reader.next(t)
	reader.next(t)
	conn.Close()
	r.stop()                                     // waits for the request
	if head := r.cfg.Journal.Head(); head != 3 { // the clock's, and two
		t.Errorf("%d events", head)
	}
}

func TestAStreamEndsWhenItsTokenIsRevokedOrItsFeedCannotTakeMore(t *testing.T) {
	r, _ := publishRig(t)
	r.token(t, "other", settings.ScopePublish)
	for _, row := range []struct {
		rule   string
		change func()
		status int
	}{
		{"revoked", func() { r.revoke(t, "revoked") }, 401},
		{"paused", func() { r.change(t, func(f *settings.Feed) { f.Paused = true }) }, 409},
	} {
		lines, ended := r.stream(t, r.token(t, row.rule, settings.ScopePublish))
		reader := r.read(t, ask{path: "/event_stream?feed=hooks&last=1"})
		fmt.Fprintln(lines, `"`+row.rule+`"`)
		for reader.next(t).Data != `"`+row.rule+`"` {
		}
		row.change()
		_, _ = fmt.Fprintln(lines, `"not this"`) // a revoked one ends even without
		got := <-ended
		if p := got.problem(t, row.status); p.Stored == nil || p.Stored.Count != 1 {
			t.Errorf("%s: %s", row.rule, got.body)
		}
	}
	if got := r.kept(t); got != `"revoked" "paused"` {
		t.Errorf("kept %s", got)
	}
}

func TestADoorThatClosesEndsAStreamAndAnswers(t *testing.T) {
	r, token := publishRig(t)
	reader := r.read(t, ask{path: "/event_stream?feed=hooks&after=" + r.id(0)})
	lines, ended := r.stream(t, token)
	fmt.Fprintln(lines, "1")
	reader.next(t)
	began := time.Now()
	r.stop()
	if took := time.Since(began); took >= drainTime {
		t.Errorf("closing took %s", took)
	}
	got := <-ended
	if p := got.problem(t, 503); p.Stored == nil || p.Stored.Count != 1 || got.header.Get("Retry-After") == "" {
		t.Errorf("%s", got.body)
	}
}

func TestARefusedStreamIsAnsweredThoughItsBodyHasNoEnd(t *testing.T) {
	r, token := publishRig(t)
	host := strings.TrimPrefix(r.frontURL(), "http://")
	for want, header := range map[string]string{"401": "", "415": "Authorization: Bearer " + token + "\r\nContent-Type: text/html\r\n"} {
		t.Run(want, func(t *testing.T) {
			conn, err := net.Dial("tcp", host)
			must(t, err)
			defer conn.Close()
			fmt.Fprintf(conn, "POST /feeds/hooks/events HTTP/1.1\r\nHost: %s\r\n%sTransfer-Encoding: chunked\r\n\r\n", host, header)
			status, err := bufio.NewReader(conn).ReadString('\n')
			must(t, err)
			if !strings.HasPrefix(status, "HTTP/1.1 "+want) {
				t.Errorf("%q", status)
			}
		})
	}
}

func TestAStreamLastsButNotInSilence(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := build{feeds: pushFeeds, pipes: newPipes()}.run(t)
		lines, ended := r.stream(t, r.token(t, "test", settings.ScopePublish))
		for i := range 100 {
			fmt.Fprintln(lines, i)
			<-time.After(readIdle - time.Second)
		}
		fmt.Fprint(lines, `{"cut":`)
		began := time.Now()
		got := <-ended
		if p := got.problem(t, http.StatusRequestTimeout); p.Stored == nil || p.Stored.Count != 100 {
			t.Errorf("%s", got.body)
		}
		if silent := time.Since(began); silent < readIdle || silent > readIdle+2*lingerTime {
			t.Errorf("it ended after %s", silent)
		}
		r.stop()
	})
}

// hold keeps the journal from writing until release is called.
func (r *rig) hold(t *testing.T) (release func()) {
	t.Helper()
	db, err := sql.Open("sqlite", filepath.Join(r.cfg.DataDir, "journal.db")+"?_pragma=busy_timeout(10000)")
	must(t, err)
	conn, err := db.Conn(t.Context())
	must(t, err)
	_, err = conn.ExecContext(t.Context(), "BEGIN IMMEDIATE")
	must(t, err)
	return func() {
		_, err := conn.ExecContext(t.Context(), "ROLLBACK")
		must(t, errors.Join(err, conn.Close(), db.Close()))
	}
}

func TestAnEventThatTheJournalIsTooBusyForIsNotStored(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := build{feeds: pushFeeds, pipes: newPipes()}.run(t)
		token := r.token(t, "test", settings.ScopePublish)
		release := r.hold(t)
		var busy sync.WaitGroup
		busy.Go(func() {
			for _, e := range count("clock", 1, 6000) { // more batches than may wait
				r.hand(t, []event.Event{e})
			}
		})
		synctest.Wait()
		began := time.Now()
		got := r.do(t, toHooks(token, "", "", "x"))
		got.problem(t, http.StatusTooManyRequests)
		if waited := time.Since(began); waited != patience || got.header.Get("Retry-After") == "" {
			t.Errorf("after %s: %s", waited, got.header)
		}
		release()
		busy.Wait()
		r.do(t, toHooks(token, "", "", "y")).accepted(t)
		if got := r.kept(t); got != "y" {
			t.Errorf("kept %q", got)
		}
		r.stop()
	})
}

func TestWhatCannotBeStoredIsNotAccepted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := build{feeds: pushFeeds, pipes: newPipes()}.run(t)
		token := r.token(t, "test", settings.ScopePublish)
		r.do(t, toHooks(token, "", "", "before")).accepted(t)
		release := r.hold(t)
		got := r.do(t, toHooks(token, "", "?id=1", "during"))
		if p := got.problem(t, http.StatusServiceUnavailable); got.header.Get("Retry-After") == "" || !strings.Contains(p.Detail, "can't be stored") {
			t.Errorf("%s", got.body)
		}
		got = r.do(t, toHooks(token, ndjson, "", "1\n2\n"))
		got.problem(t, http.StatusServiceUnavailable)
		release()
		for r.cfg.Journal.Fault() != nil {
			<-time.After(time.Second)
		}
		again := r.do(t, toHooks(token, "", "?id=1", "during")).accepted(t)
		if again.Count != 0 || again.Duplicates != 1 {
			t.Errorf("sent again: %+v", again)
		}
		if got := r.kept(t); got != "before during" {
			t.Errorf("kept %q", got)
		}
		r.stop()
	})
}
