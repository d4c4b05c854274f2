package event

import (
	"encoding/json"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

func TestIDRoundTripsAndRefusesWhatIsNotOurs(t *testing.T) {
	id := ID{Epoch: "k3x9", Seq: 1<<64 - 1}
	back, err := ParseID(id.String())
	if err != nil || back != id {
		t.Fatalf("ParseID(%q) = %v, %v", id, back, err)
	}
	for _, bad := range []string{"", "-", "a-", "-1", "a-+1", "a-1x", "A-1", "a b-1", "a-18446744073709551616", "17", "a--1", `[{"topic":1}]`} {
		if got, err := ParseID(bad); err == nil {
			t.Errorf("ParseID(%q) = %v, want an error", bad, got)
		}
	}
}

func TestJSONKeepsThePayloadAndLeavesAbsentFieldsOut(t *testing.T) {
	at := time.Date(2026, 11, 22, 8, 21, 23, 500_000_000, time.FixedZone("", 3600))
	tests := map[string]struct {
		event Event
		want  string
	}{
		"plain text": {
			Event{ID: ID{"e", 1}, Feed: "clock", Type: "message", Text: "hi", ReceivedAt: at, Data: []byte("hi")},
			`{"id":"e-1","seq":1,"feed":"clock","type":"message","text":"hi","receivedAt":"2026-11-22T07:21:23.500000Z","data":"hi"}`,
		},
		"json keeps its digits and loses its line breaks": {
			Event{ID: ID{"e", 2}, Feed: "f", Type: "t", Value: "1.50", Revises: 1, Data: []byte("{\r\n \"a\": 1.50, \"b\": 12345678901234567890\n}"), JSON: true},
			`{"id":"e-2","seq":2,"feed":"f","type":"t","value":1.50,"revises":"e-1","data":{"a":1.50,"b":12345678901234567890}}`,
		},
		"text with every kind of trouble": {
			Event{ID: ID{"e", 3}, Feed: "f", Type: "t", Data: []byte("a\"\\\n\r\t\x01\xff<é\u2028")},
			`{"id":"e-3","seq":3,"feed":"f","type":"t","data":"a\"\\\n\r\t\u0001` + "\ufffd<é\u2028" + `"}`,
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, string(tt.event.AppendJSON(nil))); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func FuzzAppendStringIsJSON(f *testing.F) {
	f.Add("plain")
	f.Add("a\x00\xff\"\\\u2028")
	f.Fuzz(func(t *testing.T, s string) {
		out := AppendString(nil, s)
		var back string
		if err := json.Unmarshal(out, &back); err != nil {
			t.Fatalf("%q: %v", out, err)
		}
		if utf8.ValidString(s) && back != s {
			t.Fatalf("%q came back as %q", s, back)
		}
	})
}

func BenchmarkAppendJSON(b *testing.B) {
	e := Event{ID: ID{"k3x9", 123456}, Feed: "bench", Type: "message", ReceivedAt: time.Now(), Data: make([]byte, 0, 200), JSON: true}
	e.Data = append(e.Data, `{"price":"64123.55","product_id":"BTC-USD","time":"2026-11-22T08:21:23Z","side":"buy","best_bid":"64123.54","best_ask":"64123.56","trade_id":123456789}`...)
	var dst []byte
	b.ReportAllocs()
	for b.Loop() {
		dst = e.AppendJSON(dst[:0])
	}
}
