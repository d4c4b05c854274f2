package server

import (
	"bytes"
	"encoding/json"
	"flag"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"tickertape/backend/event"
	"tickertape/backend/sse"
)

var update = flag.Bool("update", false, "write the golden files anew")

// read opens a stream and fails unless it is one.
func (r *rig) read(t *testing.T, a ask) *reading {
	t.Helper()
	stream := r.open(t, a)
	if kind := stream.header.Get("Content-Type"); stream.status != http.StatusOK || kind != "text/event-stream; charset=utf-8" {
		t.Fatalf("%s: %d %s", a.path, stream.status, kind)
	}
	return stream
}

func (s *reading) next(t *testing.T) sse.Event {
	t.Helper()
	e, err := s.decoder.Next()
	must(t, err)
	return e
}

// until reads payloads up to one that ends with end.
func (s *reading) until(t *testing.T, end string) (payloads []string) {
	t.Helper()
	for {
		e := s.next(t)
		if strings.HasSuffix(e.Data, end) {
			return payloads
		}
		payloads = append(payloads, e.Data)
	}
}

// varied are events with all that an event can have.
func varied() []event.Event {
	at := time.Date(2026, 11, 22, 8, 21, 23, 456789000, time.UTC)
	return []event.Event{
		{Feed: "clock", Type: "message", Text: "Server time: Sun Nov 22 08:21:23 2026 (message 4)", Data: []byte("Server time: Sun Nov 22 08:21:23 2026 (message 4)"), ReceivedAt: at},
		{Feed: "clock", Type: "custom_event", Text: "This is a custom event 1.0", Data: []byte("This is a custom event 1.0"), ReceivedAt: at},
		{Feed: "a", Type: "tick", SourceID: "7", Key: "EUR", Title: "Euro", Text: "up", URL: "https://example.com/?a=1&b=<2>", Value: "12.50", Severity: "warning", SourceTime: at.Add(-time.Second), ReceivedAt: at, JSON: true, Data: []byte(`{"n": 12345678901234567890.1000, "s": "<&>\u2028"}`)},
		{Feed: "a", Type: "tick", SourceID: "7", ReceivedAt: at, JSON: true, Data: []byte("{\n  \"lines\": [\r\n1,\n 2]\n}")},
		{Feed: "a", Type: "message", Text: "three\nlines\r\nand \"quotes\" é…", Data: []byte("three\nlines\r\nand \"quotes\" é…"), ReceivedAt: at},
		{Feed: "a", Type: "two\nlines", Data: []byte("id: 1\n: a type that no frame can carry\n"), ReceivedAt: at},
		{Feed: "a", Type: "message", ReceivedAt: at},
	}
}

func TestTheFormatsAreTheGoldenBytes(t *testing.T) {
	retry := regexp.MustCompile(`^retry: (2\d|3\d|40)\d\d\n\n`)
	for _, row := range []struct{ name, query string }{
		{"raw", ""},
		{"json", "&format=json"},
		{"batch", "&format=json&batch=16"},
	} {
		r := build{feeds: paused("clock", "a")}.run(t)
		r.add(t, varied()...)
		stream := r.open(t, ask{path: "/event_stream?after=elsewhere-9" + row.query})
		got := frames(t, stream, nil, r.id(7))
		r.add(t, event.Event{Feed: "a", Type: "message", Text: "live", Data: []byte("live"), ReceivedAt: time.Unix(0, 0)})
		got = frames(t, stream, got, r.id(8))
		if !retry.Match(got) {
			t.Errorf("%s: clients are not told to come back after 2 to 4 s: %.20q", row.name, got)
		}
		got = retry.ReplaceAll(got, []byte("retry: 3000\n\n"))
		golden(t, row.name, bytes.ReplaceAll(got, []byte(r.cfg.Journal.Epoch()+"-"), []byte("epoch-")))
	}
}

// frames reads whole frames on to dst until one of them has this id.
func frames(t *testing.T, from io.Reader, dst []byte, id string) []byte {
	t.Helper()
	part := make([]byte, 1<<10)
	for !bytes.Contains(dst, []byte("id: "+id+"\n")) || !bytes.HasSuffix(dst, []byte("\n\n")) {
		n, err := from.Read(part)
		must(t, err)
		dst = append(dst, part[:n]...)
	}
	return dst
}

func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name+".golden")
	if *update {
		must(t, os.WriteFile(path, got, 0o600))
	}
	want, err := os.ReadFile(path)
	must(t, err)
	diff(t, name, string(want), string(got))
}

func TestAStreamStartsWhereItIsTold(t *testing.T) {
	r := build{feeds: paused("a", "b")}.run(t)
	for i := 1; i <= 9; i += 3 {
		r.add(t, append(count("a", i, i+1), custom(count("b", i+2, i+2))...)...)
	}
	const all = "a 1,a 2,b 3,a 4,a 5,b 6,a 7,a 8,b 9"
	for _, row := range []struct {
		rule, query, lastEventID, want string
	}{
		{"with what comes, unless told", "", "", ""},
		{"with the newest", "last=3", "", "a 7,a 8,b 9"},
		{"with as many as there are", "last=1000", "", all},
		{"after an id", "after=$-6", "", "a 7,a 8,b 9"},
		{"after the newest id", "after=$-9", "", ""},
		{"after the id before the first", "after=$-0", "", all},
		{"after the Last-Event-ID", "", "$-7", "a 8,b 9"},
		{"after the Last-Event-ID rather than the URL's id", "after=$-1", "$-7", "a 8,b 9"},
		{"after the Last-Event-ID rather than with the newest", "last=5", "$-7", "a 8,b 9"},
		{"after the URL's id rather than with the newest", "last=5&after=$-7", "", "a 8,b 9"},
		{"with the newest of a feed", "last=2&feed=b", "", "b 6,b 9"},
		{"with the newest of a type", "last=1&type=custom_event", "", "b 9"},
		{"a feed alone", "after=$-0&feed=b", "", "b 3,b 6,b 9"},
		{"a type alone", "after=$-0&type=message", "", "a 1,a 2,a 4,a 5,a 7,a 8"},
		{"feeds by commas", "last=2&feed=a,b", "", "a 8,b 9"},
		{"feeds by repetition", "last=2&feed=a&feed=b", "", "a 8,b 9"},
		{"types by commas", "last=2&type=custom_event,message", "", "a 8,b 9"},
		{"of a feed a type that it has not", "last=9&feed=a&type=custom_event", "", ""},
	} {
		t.Run(row.rule, func(t *testing.T) {
			own := func(ids string) string { return strings.ReplaceAll(ids, "$", r.cfg.Journal.Epoch()) }
			header := map[string]string{}
			if row.lastEventID != "" {
				header["Last-Event-ID"] = own(row.lastEventID)
			}
			stream := r.read(t, ask{path: "/event_stream?" + own(row.query), header: header})
			// Each row selects one of these, and before it comes what it began with.
			r.add(t, slices.Concat(count("a", 0, 0), custom(count("a", 0, 0)), count("b", 0, 0), custom(count("b", 0, 0)))...)
			defer r.forget(t, "seq > 9")
			if got := strings.Join(stream.until(t, " 0"), ","); got != row.want {
				t.Errorf("got %s", got)
			}
		})
	}
}

func TestATapeThatHasJustBegunIsReadFromItsFirstEvent(t *testing.T) {
	for _, row := range []struct {
		rule  string
		age   time.Duration
		count int
		want  int
	}{
		{"just begun", time.Second, 3, 3},
		{"a while ago", time.Minute, 3, 0},
		{"just begun, and with many events already", time.Second, justBegunEvents + 1, 0},
	} {
		t.Run(row.rule, func(t *testing.T) {
			r := build{feeds: paused("a")}.run(t)
			events := count("a", 1, row.count)
			for i := range events {
				events[i].ReceivedAt = time.Now().Add(-row.age)
			}
			r.add(t, events...)
			stream := r.read(t, ask{path: "/event_stream"})
			r.add(t, count("a", 0, 0)...)
			if got := stream.until(t, " 0"); len(got) != row.want {
				t.Errorf("got %d events, want %d", len(got), row.want)
			}
		})
	}
}

// custom makes the events custom ones.
func custom(events []event.Event) []event.Event {
	for i := range events {
		events[i].Type = "custom_event"
	}
	return events
}

func TestAGapIsSaidAndTheStreamGoesOnFromTheOldest(t *testing.T) {
	r := build{feeds: paused("a")}.run(t)
	r.add(t, count("a", 1, 3)...)
	for _, row := range []struct{ rule, from, reason string }{
		{"an id of another journal", "elsewhere-2", "another journal"},
		{"an id from the future", r.id(4), "never given out"},
		{"an id from far in the future", r.id(1<<64 - 1), "never given out"},
		{"an id of somebody else", "a \"foreign\" id", "not one of this server's"},
		{"a number", "17", "not one of this server's"},
	} {
		t.Run(row.rule, func(t *testing.T) {
			for _, query := range []string{"?format=raw", "?format=json", "?format=json&batch=1", "?last=1"} {
				stream := r.read(t, ask{path: "/event_stream" + query, header: map[string]string{"Last-Event-ID": row.from}})
				e := stream.next(t)
				var missing gap
				must(t, json.Unmarshal([]byte(e.Data), &missing))
				if e.Type != "gap" || e.LastEventID != r.id(0) || missing.From != row.from || missing.To != r.id(0) || !strings.Contains(missing.Reason, row.reason) {
					t.Errorf("%s: %+v", query, e)
				}
				if e := stream.next(t); !strings.Contains(e.Data, "a 1") {
					t.Errorf("%s: goes on with %+v", query, e)
				}
			}
		})
	}
}

func TestWhatIsOlderThanTheFloorIsAGap(t *testing.T) {
	r := build{feeds: paused("a")}.run(t)
	r.add(t, count("a", 1, 9)...)
	r.keep(t, "a", 4)
	for _, row := range []struct {
		after uint64
		want  string
	}{
		{0, "gap a 6"}, {4, "gap a 6"}, {5, "a 6"}, {6, "a 7"},
	} {
		stream := r.read(t, ask{path: "/event_stream?after=" + r.id(row.after)})
		var got []string
		e := stream.next(t)
		if e.Type == "gap" {
			if e.LastEventID != r.id(5) || !strings.Contains(e.Data, "older than what is kept") {
				t.Errorf("after %d: %+v", row.after, e)
			}
			got, e = append(got, "gap"), stream.next(t)
		}
		if got := strings.Join(append(got, e.Data), " "); got != row.want {
			t.Errorf("after %d: %s, want %s", row.after, got, row.want)
		}
	}
	var page struct{ Events []struct{ Seq int } }
	r.get(t, ask{path: "/events?after=" + r.id(0)}, &page)
	if len(page.Events) != 4 || page.Events[0].Seq != 6 {
		t.Errorf("history: %+v", page)
	}
	r.do(t, ask{path: "/events/" + r.id(5)}).problem(t, 404)
}

func TestBadParametersAreAnsweredWithASentence(t *testing.T) {
	r := build{window: true, feeds: paused("a")}.run(t)
	for _, row := range []struct {
		query  string
		status int
		says   string
	}{
		{"format=xml", 400, `There is no format "xml"`},
		{"format=JSON", 400, "use raw or json"},
		{"batch=16", 400, "goes with format=json"},
		{"format=json&batch=fast", 400, "batch must be a number from 0 to 10000"},
		{"format=json&batch=-1", 400, "batch must"},
		{"format=json&most=5", 400, "most= goes with batch="},
		{"format=json&batch=5&most=1001", 400, "most must be a number from 0 to 1000"},
		{"format=json&batch=10001", 400, "batch must"},
		{"last=1001", 400, "last must be a number from 0 to 1000"},
		{"last=-1", 400, "last must"},
		{"last=", 400, "last must"},
		{"status=yes", 400, "status must"},
		{"after=17", 400, "after=17 is not an event's id"},
		{"after=" + r.id(1) + "x", 400, "is not an event's id"},
		{"feed=nobody", 404, `There is no feed called "nobody"`},
		{"feed=a,nobody", 404, `There is no feed called "nobody"`},
		{"q=(word", 400, "never closed"},
	} {
		for _, private := range []bool{false, true} {
			p := r.do(t, ask{private: private, path: "/event_stream?" + row.query}).problem(t, row.status)
			if !strings.Contains(p.Detail, row.says) {
				t.Errorf("%s: %q", row.query, p.Detail)
			}
		}
	}
}

func TestTooManyStreamsAreTurnedAwayWhileTheOthersStay(t *testing.T) {
	r := build{window: true, feeds: paused("a")}.run(t)
	open := r.read(t, ask{path: "/event_stream"})
	others := int64(r.maxStreams) - windowStreams - 1
	r.streams.Add(others) // as if they were there
	for range 3 {
		got := r.do(t, ask{path: "/event_stream"})
		got.problem(t, http.StatusServiceUnavailable)
		if got.header.Get("Retry-After") != "5" {
			t.Errorf("Retry-After: %q", got.header.Get("Retry-After"))
		}
	}
	window := r.read(t, ask{private: true, path: "/event_stream"})
	r.add(t, count("a", 1, 1)...)
	for _, stream := range []*reading{open, window} {
		if e := stream.next(t); e.Data != "a 1" {
			t.Errorf("%+v", e)
		}
	}
	r.streams.Add(-2)
	r.read(t, ask{path: "/event_stream"})
	r.streams.Add(2 - others)
}

func TestHeadOfAStreamAnswersAtOnceAndKeepsNothingOpen(t *testing.T) {
	r := build{feeds: paused("a")}.run(t)
	for range 3 { // on one connection: a stream behind the first would hold up the second
		got := r.do(t, ask{method: http.MethodHead, path: "/event_stream"})
		if got.status != 200 || got.header.Get("Content-Type") != "text/event-stream; charset=utf-8" {
			t.Errorf("%d %v", got.status, got.header)
		}
	}
	var health struct{ Streams int }
	r.get(t, ask{path: "/healthz"}, &health)
	if health.Streams != 0 {
		t.Errorf("%d streams are open", health.Streams)
	}
}
