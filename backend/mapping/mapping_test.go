package mapping

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"tickertape/backend/event"
)

func TestMapGuessesTheFieldsOfRealFeeds(t *testing.T) {
	tests := []struct {
		name string
		raw  event.Raw
		want event.Event
	}{
		{
			"the clock's text is data and text",
			event.Raw{Data: []byte("Server time: Sun Nov 22 08:21:23 2026 (message 4)")},
			event.Event{Type: "message", Text: "Server time: Sun Nov 22 08:21:23 2026 (message 4)"},
		},
		{
			"an exchange's ticker keeps the digits of its price",
			event.Raw{Type: "ticker", Data: []byte(`{"type":"ticker","product_id":"BTC-USD","price":"64123.50","time":"2026-11-22T08:21:23.123456Z"}`)},
			event.Event{Type: "ticker", JSON: true, Key: "BTC-USD", Value: "64123.50", SourceTime: time.Date(2026, 11, 22, 8, 21, 23, 123456000, time.UTC)},
		},
		{
			"a recent change of Wikimedia",
			event.Raw{ID: `[{"topic":"x"}]`, Data: []byte(`{"meta":{"uri":"https://a.example/x","dt":"2025-04-30T16:24:01Z"},"title":"File:X","comment":"why","timestamp":1746030241,"notify_url":"https://b.example/y"}`)},
			event.Event{Type: "message", JSON: true, SourceID: `[{"topic":"x"}]`, Title: "File:X", Text: "why", URL: "https://a.example/x", SourceTime: time.Unix(1746030241, 0)},
		},
		{"an array is shown as it is", event.Raw{Data: []byte(`[1,2]`)}, event.Event{Type: "message", JSON: true}},
		{"a JSON number is its own text", event.Raw{Data: []byte(`42.0`)}, event.Event{Type: "message", JSON: true, Text: "42.0"}},
		{"undefined is not JSON", event.Raw{Data: []byte(`undefined`)}, event.Event{Type: "message", Text: "undefined"}},
		{"no payload", event.Raw{}, event.Event{Type: "message"}},
		{"a script is no link", event.Raw{Data: []byte(`{"url":"javascript:alert(1)","level":"WARN"}`)}, event.Event{Type: "message", JSON: true, Severity: "warning"}},
		{"invalid UTF-8 is replaced", event.Raw{Data: []byte("a\xffb")}, event.Event{Type: "message", Text: "a\ufffdb"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := Mapping{}.Map("f", tt.raw)
			tt.want.Feed = "f"
			if diff := cmp.Diff(tt.want, got, cmpopts.IgnoreFields(event.Event{}, "Data"), cmpopts.EquateApproxTime(0)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestMapFollowsPathsOverGuesses(t *testing.T) {
	m := Mapping{ID: "meta.id", Key: "who", Title: "a.b", Value: "n.1", Time: "at"}
	got := m.Map("f", event.Raw{ID: "wire", Data: []byte(`{"title":"guess","meta":{"id":7},"who":"me","a":{"b":"path"},"n":[1,2.50],"at":1746030241001}`)})
	if got.SourceID != "7" || got.Key != "me" || got.Title != "path" || got.Value != "2.50" || got.SourceTime.UnixMilli() != 1746030241001 {
		t.Errorf("got %+v", got)
	}
}

func TestParseTimeTellsUnitsApart(t *testing.T) {
	want := time.Date(2025, 4, 30, 16, 24, 1, 0, time.UTC)
	for _, text := range []string{
		`1746030241`, `"1746030241"`, `1746030241.0`, `1746030241000`, `1746030241000000`, `1746030241000000000`,
		`"2025-04-30T16:24:01Z"`, `"2025-04-30T18:24:01+02:00"`, `"Wed, 30 Apr 2025 16:24:01 GMT"`, `"2025-04-30 16:24:01"`, `"Wed Apr 30 16:24:01 2025"`,
	} {
		got := Mapping{Time: "t"}.Map("f", event.Raw{Data: []byte(`{"t":` + text + `}`)}).SourceTime
		if !got.Equal(want) {
			t.Errorf("%s: %v, want %v", text, got, want)
		}
	}
	for _, text := range []string{`17`, `"soon"`, `null`, `true`, `1e300`, `-5`, `"0001-01-01T00:00:00Z"`} {
		if got := (Mapping{Time: "t"}).Map("f", event.Raw{Data: []byte(`{"t":` + text + `}`)}).SourceTime; !got.IsZero() {
			t.Errorf("%s: %v, want none", text, got)
		}
	}
}

func TestLongTextIsCutWithAMarkAndThePayloadIsNot(t *testing.T) {
	data := strings.Repeat("é", 5000)
	got := Mapping{}.Map("f", event.Raw{Data: []byte(data)})
	if string(got.Data) != data || !strings.HasSuffix(got.Text, "é…") || len(got.Text) > maxText+3 {
		t.Errorf("text of %d bytes ending in %q, payload of %d", len(got.Text), got.Text[len(got.Text)-6:], len(got.Data))
	}
}

func FuzzMapNeverFails(f *testing.F) {
	f.Add([]byte(`{"title":"a","time":1746030241001,"price":"1.0","meta":{"id":1}}`))
	f.Add([]byte("\xff{"))
	f.Fuzz(func(t *testing.T, data []byte) {
		e := Mapping{}.Map("f", event.Raw{Data: data})
		if e.Type == "" || e.Feed != "f" {
			t.Fatalf("incomplete: %+v", e)
		}
	})
}

func BenchmarkMap(b *testing.B) {
	data := []byte(`{"meta":{"uri":"https://a.example/x","dt":"2025-04-30T16:24:01Z"},"title":"File:X","comment":"` + strings.Repeat("why ", 300) + `","timestamp":1746030241}`)
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	for b.Loop() {
		Mapping{}.Map("f", event.Raw{Data: data})
	}
}
