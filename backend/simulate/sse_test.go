package simulate

import (
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"tickertape/backend/sse"
)

// events reads n events of an event stream, stepping the tape once the stream is open.
func (s *simulated) events(path, lastID string, steps, n int) (events []sse.Event, comments int) {
	s.t.Helper()
	client := sse.Client{
		URL: s.url + path, LastEventID: lastID, MaxEvent: 16 << 20,
		OnComment: func([]byte) { comments++ },
	}
	stream, err := client.Connect(s.ctx)
	if err != nil {
		s.t.Fatal(err)
	}
	defer stream.Close()
	s.Step(steps)
	for range n {
		e, err := stream.Next()
		if err != nil {
			s.t.Fatalf("after %d events: %v", len(events), err)
		}
		events = append(events, e)
	}
	return events, comments
}

func TestNumbersResumeWithoutGapOrRepeat(t *testing.T) {
	s := start(t, Config{Seed: 1})
	s.Step(3)
	all, _ := s.events("/sse/numbers?after=all", "", 0, 3)
	live, _ := s.events("/sse/numbers", "", 2, 2)
	s.Step(4)
	rest, _ := s.events("/sse/numbers", live[1].LastEventID, 0, 4)
	var ids []string
	for _, e := range slices.Concat(all, live, rest) {
		ids = append(ids, e.LastEventID)
		equal(t, e.LastEventID, field(t, e.Data, "number"))
	}
	equal(t, s.Sent("/sse/numbers"), ids)
}

func TestAClientThatReconnectsReadsAllThatWasSent(t *testing.T) {
	t.Parallel()
	s := start(t, Config{Seed: 1, Backlog: 8})
	done := errors.New("done")
	for _, fault := range []string{"cut-mid-event", "planned-close", "random"} {
		var ids []string
		connections := 0
		client := sse.Client{
			URL: s.url + "/sse/numbers?after=all&retry=1&wait=1ms&seed=4&fault=" + fault, Retry: time.Millisecond,
			OnOpen: func(*http.Response) { connections++ },
		}
		err := client.Run(s.ctx, func(e sse.Event) error {
			if len(ids) == 0 || ids[len(ids)-1] != e.LastEventID { // sent twice by one of the random faults
				ids = append(ids, e.LastEventID)
			}
			if len(ids) == 8 {
				return done
			}
			return nil
		})
		if !errors.Is(err, done) {
			t.Errorf("%s: %v", fault, err)
		}
		equal(t, s.Sent("/sse/numbers"), ids)
		if connections < 2 && fault != "random" {
			t.Errorf("%s: only one connection", fault)
		}
	}
}

func TestWikimediaResumesByItsArraysOfPositions(t *testing.T) {
	s := start(t, Config{Seed: 1})
	s.Step(3)
	first, comments := s.events("/sse/wikimedia", "", 3, 3)
	s.Step(2)
	second, _ := s.events("/sse/wikimedia", first[2].LastEventID, 0, 2)
	var ids []string
	for _, e := range slices.Concat(first, second) {
		ids = append(ids, e.LastEventID)
		if !e.HasID || !strings.HasPrefix(e.LastEventID, `[{"topic":"eqiad`) || field(t, e.Data, "meta", "stream") != "mediawiki.recentchange" {
			t.Errorf("%+v", e)
		}
	}
	equal(t, s.Sent("/sse/wikimedia")[3:], ids)
	if comments == 0 {
		t.Error("no comment at the start")
	}
}

func TestMastodonSendsWhatIsNotJSON(t *testing.T) {
	s := start(t, Config{Seed: 1})
	events, _ := s.events("/sse/mastodon", "", 40, 41)
	sent := s.Sent("/sse/mastodon")
	types := map[string]int{}
	for i, e := range events {
		types[e.Type]++
		switch e.Type {
		case "update":
			equal(t, sent[i], field(t, e.Data, "id"))
		case "delete":
			equal(t, sent[i], e.Data)
			equal(t, sent[i-3], e.Data)
		case "filters_changed":
			equal(t, "undefined", e.Data)
		}
	}
	equal(t, map[string]int{"update": 35, "delete": 5, "filters_changed": 1}, types)
}

func TestFirebaseSendsTheDocumentAndThenItsChanges(t *testing.T) {
	s := start(t, Config{Seed: 1, Backlog: 5})
	events, _ := s.events("/sse/firebase", "", 4, 5)
	equal(t, "put", events[0].Type)
	equal(t, "/", field(t, events[0].Data, "path"))
	sent := s.Sent("/sse/firebase")
	for _, id := range sent[:5] {
		if field(t, events[0].Data, "data", id, "id") != id {
			t.Errorf("%s is not in the document", id)
		}
	}
	for i, e := range events[1:] {
		id := sent[5+i]
		if e.Type == "patch" {
			equal(t, id, field(t, e.Data, "data", id, "id"))
		} else {
			equal(t, "/"+id, field(t, e.Data, "path"))
			equal(t, id, field(t, e.Data, "data", "id"))
		}
	}
	equal(t, "patch", events[1].Type)
}

func TestNtfyHasItsIDsInTheData(t *testing.T) {
	s := start(t, Config{Seed: 1, Backlog: 4})
	ids := func(path string, steps, n int) (got []string) {
		events, _ := s.events(path, "", steps, n+1)
		equal(t, "open", events[0].Type)
		for _, e := range events[1:] {
			if e.HasID || field(t, e.Data, "event") != "message" {
				t.Errorf("%+v", e)
			}
			got = append(got, field(t, e.Data, "id"))
		}
		return got
	}
	live := ids("/sse/ntfy", 2, 2)
	sent := s.Sent("/sse/ntfy")
	equal(t, sent[4:], live)
	equal(t, sent, ids("/sse/ntfy?since=all", 0, 6))
	equal(t, sent[5:], ids("/sse/ntfy?since=latest", 0, 1))
	equal(t, sent[3:], ids("/sse/ntfy?since="+sent[2], 0, 3))
	equal(t, sent[3:], ids("/sse/ntfy?since=2s", 0, 3))
	equal(t, sent[2:], ids("/sse/ntfy?since="+field(t, string(s.ntfyMessage(2)), "time"), 0, 4))
}

// TestIDsByTimeResumeExactly has a rate whose events fall between whole milliseconds.
func TestIDsByTimeResumeExactly(t *testing.T) {
	s, err := New(Config{Seed: 1, Rate: 777, Backlog: 50})
	if err != nil {
		t.Fatal(err)
	}
	for n := range uint64(49) {
		equal(t, n+1, s.wikimediaAfter(s.wikimediaID(n)))
		equal(t, n+1, s.jetstreamAfter(s.jetstreamID(n)))
		equal(t, n+1, s.ntfySince(s.ntfyID(n)))
	}
}
