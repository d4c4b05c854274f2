package mapping

import (
	"encoding/json"
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
			event.Event{Type: "message", JSON: true, SourceID: `[{"topic":"x"}]`, Title: "File:X", Text: "why", URL: "https://b.example/y", SourceTime: time.Unix(1746030241, 0)},
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

func TestPathsReadWhatIsThere(t *testing.T) {
	doc := `{"names":["a","b",null,"c"],"n":1.50,"yes":true,"null":null,"o":{"x":1},"b":"second","teams":[{"n":"A","s":1},{"n":"B","s":2}],"list":["atlas",{"at":1795335683,"msg":"hi"}]}`
	for path, want := range map[string]string{
		"names":         "a, b, c",
		"n":             "1.50",
		"teams.#.[n,s]": "A 1, B 2",
		"yes":           "true",
		"null":          "",
		"missing":       "",
		"-":             "",
		"o":             `{"x":1}`,
		"[a,b]|0":       "second",
		"list.1.at":     "1795335683",
	} {
		if got := (Mapping{Text: path}).Map("f", event.Raw{Data: []byte(doc)}).Text; got != want {
			t.Errorf("%s: %q, want %q", path, got, want)
		}
	}
	if got := (Mapping{Text: "1.msg"}).Map("f", event.Raw{Data: []byte(`["atlas",{"msg":"hi"}]`)}).Text; got != "hi" {
		t.Errorf("in an array: %q, want hi", got)
	}
}

func TestTypeComesFromThePayloadOnlyByAPath(t *testing.T) {
	tests := map[string]struct{ path, data, want string }{
		"never guessed":           {"", `{"type":"trade"}`, "wire"},
		"by its path":             {"type", `{"type":"trade"}`, "trade"},
		"a path to nothing":       {"type", `{}`, "wire"},
		"not one to break frames": {"type", `{"type":"a\nid: 1"}`, "wire"},
		"not one without end":     {"type", `{"type":"` + strings.Repeat("x", maxType+1) + `"}`, "wire"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got := Mapping{Type: tt.path}.Map("f", event.Raw{Type: "wire", Data: []byte(tt.data)}).Type
			if got != tt.want {
				t.Errorf("%q, want %q", got, tt.want)
			}
		})
	}
}

func mapTime(text string) time.Time {
	return Mapping{Time: "t"}.Map("f", event.Raw{Data: []byte(`{"t":` + text + `}`)}).SourceTime
}

func TestTimesAreReadInEveryFormOfFeeds(t *testing.T) {
	want := time.Date(2025, 4, 30, 16, 24, 1, 0, time.UTC)
	for _, text := range []string{
		`1746030241`, `"1746030241"`, `1746030241.0`, `1746030241000`, `"1746030241000"`, `1746030241000000`, `1746030241000000000`, `1.746030241e9`,
		`"2025-04-30T16:24:01Z"`, `"2025-04-30T18:24:01+02:00"`, `"2025-04-30T18:24:01+0200"`, `"2025-04-30T18:24:01+02"`, `"2025-04-30T16:24:01"`,
		`"2025-04-30T16:24:01.000Z"`, `" 2025-04-30T16:24:01Z\n"`, `"20250430T162401Z"`, `"20250430162401"`,
		`"2025-04-30 16:24:01"`, `"2025-04-30 16:24:01Z"`, `"2025-04-30 18:24:01 +0200"`, `"2025-04-30 16:24:01 UTC"`, `"2025-04-30 16:24:01 +0000 UTC"`,
		`"Wed, 30 Apr 2025 16:24:01 GMT"`, `"Wed, 30 Apr 2025 18:24:01 +0200"`, `"Wed, 30 Apr 2025 12:24:01 EDT"`, `"30 Apr 2025 16:24:01 +0000"`,
		`"Wednesday, 30-Apr-25 16:24:01 GMT"`, `"Wed Apr 30 16:24:01 2025"`, `"Wed Apr 30 16:24:01 +0000 2025"`, `"Wed Apr 30 18:24:01 CEST 2025"`,
	} {
		if got := mapTime(text); !got.Equal(want) {
			t.Errorf("%s: %v, want %v", text, got, want)
		}
	}
	minute := want.Truncate(time.Minute)
	for _, text := range []string{`"2025-04-30T16:24"`, `"2025-04-30T16:24Z"`, `"2025-04-30 16:24"`, `"30 Apr 25 16:24 GMT"`, `"30 Apr 25 18:24 +0200"`, `"Wed, 30 Apr 2025 16:24 GMT"`} {
		if got := mapTime(text); !got.Equal(minute) {
			t.Errorf("%s: %v, want %v", text, got, minute)
		}
	}
	for text, want := range map[string]time.Time{
		`"2025-04-30"`:                      want.Truncate(24 * time.Hour),
		`"Fri, 2 May 2025 06:00:00 GMT"`:    time.Date(2025, 5, 2, 6, 0, 0, 0, time.UTC),
		`"Fri May  2 06:00:00 2025"`:        time.Date(2025, 5, 2, 6, 0, 0, 0, time.UTC),
		`1746030241.25`:                     want.Add(250 * time.Millisecond),
		`1746030241123456789`:               want.Add(123456789),
		`"2025-04-30T16:24:01.123456789Z"`:  want.Add(123456789),
		`"2025-04-30 16:24:01.123"`:         want.Add(123 * time.Millisecond),
		`"2025-04-30T16:24:01.123456+0000"`: want.Add(123456 * time.Microsecond),
	} {
		if got := mapTime(text); !got.Equal(want) {
			t.Errorf("%s: %v, want %v", text, got, want)
		}
	}
}

func TestWhatOnlyLooksLikeATimeIsNone(t *testing.T) {
	for _, text := range []string{
		`17`, `20250430`, `"soon"`, `null`, `true`, `1e300`, `-5`, `"0001-01-01T00:00:00Z"`, `"2025-13-45T00:00:00Z"`, `"Wednesday evening"`, `"1234567890 apples"`,
		`"Wed, 30 Apr 2025 16:24:01 XYZ"`, `9223372036854775807`, `"https://example.com/2025-04-30"`, `{"a":1}`, `[1746030241]`,
	} {
		if got := mapTime(text); !got.IsZero() {
			t.Errorf("%s: %v, want none", text, got)
		}
	}
}

func TestLongTextIsCutWithAMarkAndThePayloadIsNot(t *testing.T) {
	data := strings.Repeat("é", maxText)
	got := Mapping{}.Map("f", event.Raw{Data: []byte(data)})
	if string(got.Data) != data || !strings.HasSuffix(got.Text, "é…") || len(got.Text) > maxText+3 {
		t.Errorf("text of %d bytes ending in %q, payload of %d", len(got.Text), got.Text[len(got.Text)-6:], len(got.Data))
	}
}

func FuzzMapNeverFails(f *testing.F) {
	f.Add([]byte(`{"title":"a","time":1746030241001,"price":"1.0","meta":{"id":1}}`), "meta.id")
	f.Add([]byte("\xff{"), "[a,b]|0")
	f.Add([]byte(`[{"data":[{"s":"\ud800","t":"Wed, 30 Apr 2025 16:24:01 EDT"}]}]`), "#.a|@reverse")
	f.Add([]byte("[]"), "!00000000") // a path that makes up what it finds
	f.Fuzz(func(t *testing.T, data []byte, path string) {
		for _, m := range []Mapping{
			{},
			{ID: path, Type: path, Key: path, Title: path, Text: path, URL: path, Value: path, Severity: path, Time: path},
		} {
			e := m.Map("f", event.Raw{Data: data})
			if e.Type == "" || e.Feed != "f" {
				t.Fatalf("incomplete: %+v", e)
			}
			if e.Value != "" && !json.Valid([]byte(e.Value)) {
				t.Fatalf("a value that is no JSON number: %q", e.Value)
			}
			if !json.Valid(e.AppendJSON(nil)) {
				t.Fatalf("no JSON: %s", e.AppendJSON(nil))
			}
		}
	})
}
