package server

import (
	"encoding/json"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"
)

type trialCounts struct {
	Now        time.Time
	Transports map[string]usage
}

func TestATrialReadsTheSameEventsByEachTransportAndIsCounted(t *testing.T) {
	for _, private := range []bool{false, true} {
		r := build{window: true, feeds: paused("a")}.run(t)
		r.add(t, count("a", 1, 3)...)
		from := "after=" + r.id(0) + "&run=r1&delay=5&via="
		stream := r.read(t, ask{private: private, path: "/transports/event_stream?format=json&" + from + "sse"})
		for i := range 3 {
			if got := stream.next(t).Data; !strings.Contains(got, `"id":"`+r.id(uint64(i+1))+`"`) {
				t.Errorf("streamed: %s", got)
			}
		}
		for _, via := range []string{"poll", "longpoll&wait=20"} {
			var p page
			r.get(t, ask{private: private, path: "/transports/poll?" + from + via}, &p)
			if len(p.Events) != 3 {
				t.Errorf("%s: %+v", via, p)
			}
		}
		base, key := r.frontURL(), ""
		if private {
			base, key = r.private.URL, "&key="+r.private.Key
		}
		conn, _, err := websocket.Dial(t.Context(), base+"/transports/ws?"+from+"websocket"+key, nil)
		must(t, err)
		for i := range 3 {
			_, message, err := conn.Read(t.Context())
			must(t, err)
			if !strings.Contains(string(message), `"id":"`+r.id(uint64(i+1))+`"`) {
				t.Errorf("by WebSocket: %s", message)
			}
		}
		must(t, conn.CloseNow())
		var counts trialCounts
		r.get(t, ask{private: private, path: "/transports/runs/r1"}, &counts)
		for _, via := range vias {
			if n := counts.Transports[via]; n.Requests != 1 || n.BytesIn < 50 || n.BytesOut < 200 {
				t.Errorf("%s took %+v", via, n)
			}
		}
		if time.Since(counts.Now).Abs() > time.Minute {
			t.Errorf("it is %v", counts.Now)
		}
	}
}

func TestATrialTakesAsLongAsItsNetwork(t *testing.T) {
	r := build{feeds: paused("a")}.run(t)
	r.add(t, count("a", 1, 1)...)
	begun := time.Now()
	r.do(t, ask{path: "/transports/poll?run=r&via=poll&delay=60&after=" + r.id(0)})
	if took := time.Since(begun); took < 120*time.Millisecond {
		t.Errorf("60 ms each way took %v", took)
	}
}

func TestACutEndsEveryConnectionInTheMiddle(t *testing.T) {
	r := build{feeds: paused("a")}.run(t)
	stream := r.open(t, ask{path: "/transports/event_stream?run=r&via=sse&cut=1"})
	if _, err := io.ReadAll(stream); err == nil || errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("the stream ended as if it were over: %v", err)
	}
	conn, _, err := websocket.Dial(t.Context(), r.frontURL()+"/transports/ws?run=r&via=websocket&cut=1", nil)
	must(t, err)
	if _, _, err = conn.Read(t.Context()); err == nil || websocket.CloseStatus(err) != -1 {
		t.Errorf("the WebSocket was closed: %v", err)
	}
	var counts trialCounts
	r.get(t, ask{path: "/transports/runs/r"}, &counts)
	if counts.Transports["sse"].Cuts != 1 {
		t.Errorf("%+v", counts)
	}
}

func TestTrialsWithBadConditionsAreRefused(t *testing.T) {
	r := build{feeds: paused("a")}.run(t)
	for _, query := range []string{"", "run=r", "run=r&via=pigeon", "run=&via=poll", "run=r&via=poll&delay=-1", "run=r&via=poll&delay=5001", "run=r&via=poll&cut=601", "run=" + strings.Repeat("x", 65) + "&via=poll"} {
		r.do(t, ask{path: "/transports/poll?" + query}).problem(t, 400)
	}
	r.do(t, ask{path: "/transports/poll?run=r&via=poll&limit=0"}).problem(t, 400)
	r.do(t, ask{path: "/transports/ws?run=r&via=websocket"}).problem(t, 426)
}

func TestTheCountsOfOldTrialsAreForgotten(t *testing.T) {
	var all trials
	for i := range maxTrials + 1 {
		all.change(strings.Repeat("x", i+1), "sse", func(u *usage) { u.Requests++ })
	}
	if len(all.of("x")) != 0 || all.of("xx")["sse"].Requests != 1 || len(all.runs) != maxTrials {
		t.Errorf("%d runs are kept", len(all.runs))
	}
	if body, err := json.Marshal(all.of("nobody")); err != nil || string(body) != "{}" {
		t.Errorf("%s %v", body, err)
	}
}
