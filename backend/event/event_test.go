package event

import (
	"bytes"
	"encoding/csv"
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

func TestParseJSONReadsWhatAppendJSONWrote(t *testing.T) {
	at := time.Date(2026, 11, 22, 8, 21, 23, 123456000, time.UTC)
	events := []Event{
		{ID: ID{"e", 1}, Feed: "f", Type: "t", SourceID: "\"\\", Key: "k\n", Title: "<é>", Text: "x", URL: "https://x.example/?a=1&b", Value: "-1.50e9", Severity: "error", SourceTime: at, ReceivedAt: at, Data: []byte(`{"a":12345678901234567890}`), JSON: true},
		{ID: ID{"e", 2}, Feed: "f", Type: "t", Text: "{\"no\": json", Data: []byte("{\"no\": json")},
		{ID: ID{"e", 3}, Feed: "f", Type: "t", Data: []byte(`"a string"`), JSON: true},
		{ID: ID{"e", 4}, Feed: "f", Type: "t", Data: []byte{}},
		{ID: ID{"e", 5}, Feed: "f", Type: "t", Data: []byte("null"), JSON: true},
	}
	for _, e := range events {
		back, err := ParseJSON(e.AppendJSON(nil))
		if err != nil {
			t.Errorf("%s: %v", e.ID, err)
		}
		if diff := cmp.Diff(e, back); diff != "" {
			t.Errorf("%s (-wrote +read):\n%s", e.ID, diff)
		}
	}
}

func TestParseJSONSaysWhatIsWrong(t *testing.T) {
	tests := map[string]string{
		"nonsense":                             "it is not a JSON value",
		`[]`:                                   "it is not a JSON object",
		`{"data":1}`:                           "it names no feed",
		`{"feed":"f"}`:                         "it has no data",
		`{"feed":1,"data":1}`:                  "its feed is no string",
		`{"feed":"f","value":"1","data":1}`:    "its value is no number",
		`{"feed":"f","severity":"x","data":1}`: "its severity is none of debug, info, warning, error, critical",
	}
	for line, want := range tests {
		if _, err := ParseJSON([]byte(line)); err == nil || err.Error() != want {
			t.Errorf("%s: %v, want %q", line, err, want)
		}
	}
	for _, line := range []string{`{"feed":"f","id":"x","data":1}`, `{"feed":"f","receivedAt":"noon","data":1}`} {
		if _, err := ParseJSON([]byte(line)); err == nil {
			t.Errorf("%s was taken", line)
		}
	}
}

// What was read is written and read again as the same.
func FuzzParseJSON(f *testing.F) {
	f.Add(`{"id":"e-1","seq":1,"feed":"f","type":"t","text":"a","value":-1.5,"receivedAt":"2026-11-22T08:21:23.5Z","data":{"a":[1,"\ud800"]}}`)
	f.Add(`{"feed":"f","data":"x"}`)
	f.Add(`{"feed":"f","data":"\n","data":1,"more":[]}`)
	f.Fuzz(func(t *testing.T, line string) {
		e, err := ParseJSON([]byte(line))
		if err != nil {
			return
		}
		e.ID = ID{"e", 1} // as every event of a journal has one
		first := e.AppendJSON(nil)
		if !json.Valid(first) && len(line) < 5000 { // encoding/json has a limit of depth
			t.Fatalf("%q became %q, which is not JSON", line, first)
		}
		again, err := ParseJSON(first)
		if err != nil {
			if y := e.ReceivedAt.UTC().Year(); y < 0 || y > 9999 || e.SourceTime.UTC().Year() > 9999 || e.SourceTime.UTC().Year() < 0 {
				return // a zone moved it out of what RFC 3339 can say
			}
			t.Fatalf("%q became %q: %v", line, first, err)
		}
		if second := again.AppendJSON(nil); !bytes.Equal(first, second) {
			t.Fatalf("%q became %q, then %q", line, first, second)
		}
	})
}

func TestCSVIsReadBackAndRunsNothing(t *testing.T) {
	e := Event{ID: ID{"e", 1}, Feed: "f", Type: "=1+1", SourceID: "-5", Key: "-x", Title: "a \"b\", c", Text: "two\nlines\xff", URL: "@SUM(A1)", Value: "-1.5", Data: []byte("\t+1")}
	records, err := csv.NewReader(bytes.NewReader(e.AppendCSV(nil))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	want := [][]string{{"e-1", "1", "f", "'=1+1", "-5", "'-x", "a \"b\", c", "two\nlines\ufffd", "'@SUM(A1)", "-1.5", "", "", "", "", "'\t+1"}}
	if diff := cmp.Diff(want, records); diff != "" {
		t.Error(diff)
	}
	if len(want[0]) != len(Columns) {
		t.Errorf("%d columns, %d cells", len(Columns), len(want[0]))
	}
}

func TestACloneIsEqualAndSharesNothing(t *testing.T) {
	data := []byte(`{"price":1}`)
	e := Event{
		ID: ID{Epoch: "e", Seq: 7}, Feed: "f", Type: "tick", SourceID: "s", Position: true, Key: "BTC", Title: "ti", Text: "te", URL: "u", Value: "1.50",
		Severity: "error", SourceTime: time.Unix(1, 0), ReceivedAt: time.Unix(2, 0), Revises: 3, Data: data, JSON: true,
	}
	c := e.Clone()
	if d := cmp.Diff(e, c); d != "" {
		t.Errorf("a clone differs (-want +got):\n%s", d)
	}
	data[0] = '!'
	if string(c.Data) != `{"price":1}` {
		t.Errorf("the payload is shared: %s", c.Data)
	}
	if d := cmp.Diff(Event{}, (&Event{}).Clone()); d != "" {
		t.Errorf("of nothing (-want +got):\n%s", d)
	}
}
