package source

import (
	"testing"

	"github.com/tidwall/gjson"
)

func TestPatternsSayWhichMessagesAreMeant(t *testing.T) {
	for _, tt := range []struct {
		pattern   pattern
		typ, data string
		want      bool
	}{
		{"type=heartbeat", "", `{"type":"heartbeat"}`, true},
		{`type="heartbeat"`, "", `{"type":"heartbeat"}`, true},
		{"type=heartbeat", "", `{"type":"ticker","note":"type=heartbeat"}`, false},
		{"a.b=1", "", `{"a":{"b":1}}`, true},
		{"a.b=", "", `{"a":{}}`, false},
		{"type=heartbeat", "", `a text with type=heartbeat in it`, true},
		{"keep-alive", "keep-alive", `null`, true},
		{"keep-alive", "put", `{"x":"keep-alive"}`, true},
		{"keep-alive", "put", `null`, false},
		{"http://a/?b=c", "", `{"u":"http://a/?b=c"}`, true},
		{"", "", "anything", false},
		{`="hello"`, "", `"hello"`, true},
		{`="hello"`, "", `say "hello"`, false},
		{"=hello", "hello", "", false},
		{"event=open\nevent=keepalive", "", `{"event":"keepalive"}`, true},
		{"event=open\r\nevent=keepalive\n", "", `{"event":"open"}`, true},
		{"event=open\nevent=keepalive\n", "", `{"event":"message"}`, false},
		{"=\n", "", "", true},
	} {
		if got := tt.pattern.matches(tt.typ, []byte(tt.data)); got != tt.want {
			t.Errorf("%q matches %s %s: %v", tt.pattern, tt.typ, tt.data, got)
		}
	}
}

func TestAMessageIsTakenApart(t *testing.T) {
	r := reading{items: "data", heartbeat: "type=ping", cursor: "seq", most: 2}
	for _, tt := range []struct {
		in     string
		events []string
		cursor string
		more   int
	}{
		{`{"seq":5,"data":[{"a":1},{"a":2}]}`, []string{`{"a":1}`, `{"a":2}`}, "5", 0},
		{`{"data":[{"seq":6},{"seq":7}]}`, []string{`{"seq":6}`, `{"seq":7}`}, "7", 0},
		{`{"data":{"a":1}}`, []string{`{"a":1}`}, "", 0},
		{`{"data":[1,2,3]}`, []string{"1", "2"}, "", 1},
		{`{"data":[]}`, nil, "", 0},
		{`{"type":"ping","seq":8}`, nil, "8", 0},
		{`{"hello":1}`, []string{`{"hello":1}`}, "", 0},
		{`no JSON`, []string{`no JSON`}, "", 0},
	} {
		m := r.read("", []byte(tt.in))
		var events []string
		for _, e := range m.events {
			events = append(events, string(e))
		}
		diff(t, tt.in, tt.events, events)
		if m.cursor != tt.cursor || m.more != tt.more {
			t.Errorf("%s: cursor %q, %d more", tt.in, m.cursor, m.more)
		}
	}
}

func FuzzEventsOfAMessageAreParts(f *testing.F) {
	f.Add("data", "type=ping", []byte(`{"seq":5,"data":[{"a":1},{"a":2}]}`))
	f.Add("!00", "", []byte("1"))
	f.Fuzz(func(t *testing.T, items, heartbeat string, data []byte) {
		m := reading{items: items, heartbeat: pattern(heartbeat), cursor: "seq", most: 10}.read("", data)
		if len(m.events) > 10 {
			t.Errorf("%d events", len(m.events))
		}
		for _, e := range m.events {
			if gjson.ValidBytes(data) && !gjson.ValidBytes(e) {
				t.Errorf("%q of %q is not JSON", e, data)
			}
		}
	})
}
