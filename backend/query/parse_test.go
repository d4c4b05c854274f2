package query

import (
	"errors"
	"strings"
	"testing"
)

func TestErrorsNameThePlaceAndWhatWasExpected(t *testing.T) {
	for _, tt := range []struct {
		query    string
		pos, end int
		says     string
	}{
		{"a (b", 2, 3, "never closed"},
		{"a b)", 3, 4, "closes nothing"},
		{")", 0, 1, "Expected a word"},
		{"()", 1, 2, "Expected a word"},
		{"a OR", 4, 4, "Expected a word"},
		{"OR a", 0, 3, "Expected a word"},
		{"a OR OR b", 5, 8, "Expected a word"},
		{"a AND", 5, 5, "Expected a word"},
		{"a - b", 2, 3, "behind the minus sign"},
		{"a -", 2, 3, "behind the minus sign"},
		{"日本 NOT", 3, 6, "behind the minus sign"},
		{`日本 "語`, 3, 5, "never closed"},
		{"...", 0, 3, "letters or digits"},
		{"a *", 2, 3, "letters or digits"},
		{`title:a,"!"`, 6, 11, "letters or digits"},
		{"a error:x", 2, 8, `There is no field "error"`},
		{"https://a.example", 0, 6, "quotes around"},
		{"price>5", 0, 6, `There is no field "price"`},
		{"feed:", 5, 5, "Expected a value for feed"},
		{"feed:a,", 7, 7, "Expected a value for feed"},
		{"feed: a", 5, 5, "Expected a value for feed"},
		{"key>5", 3, 4, "Expected a colon after key"},
		{"value > 100", 6, 7, "no spaces around >"},
		{"value>", 6, 6, "Expected a number right behind value>"},
		{"value>ten", 6, 9, "Expected a number"},
		{"value>1*", 6, 8, "Expected a number"},
		{"data.a>x", 7, 8, "Expected a number"},
		{"data.a:", 7, 7, "Expected a value"},
		{"data.a=", 7, 7, "Expected a value"},
		{"data..a:x", 0, 8, "Expected names"},
		{"has:nothing", 4, 11, "Expected a field after has"},
		{"is:new", 3, 6, "Expected starred or unread"},
		{"is:starred*", 3, 11, "Expected starred or unread"},
		{"has:data.", 4, 9, "Expected names"},
		{"has:data.a,url", 10, 11, "Expected a space"},
		{"severity:bad", 9, 12, "Expected one of debug"},
		{"severity>critical", 9, 17, "No severity is that"},
		{"since:soon", 6, 10, "Expected a time after since"},
		{"since:2026-13-01", 6, 16, "Expected a time"},
		{"before:999999w", 7, 14, "Expected a time"},
		{"since:9999-12-31T23:59:59-05:00", 6, 31, "Expected a time"},
		{"/a(/", 0, 4, "not valid"},
		{"/var", 0, 4, "never closed"},
		{"/var/log", 0, 6, "Expected a space"},
		{"a\x00", 0, 2, "not text"},
		{"\xff", 0, 1, "not text"},
		{strings.Repeat("a", MaxLength+1), 0, MaxLength + 1, "too long"},
		{strings.Repeat("(", 100), 32, 33, "nested too deeply"},
		{strings.Repeat("-", 100) + "a", 32, 33, "nested too deeply"},
		{strings.Repeat("/a/ ", 9), 32, 36, "too many regular expressions"},
		{"/(a{100}){10}/", 0, 14, "too large"},
		{strings.Repeat("a ", 201), 400, 402, "too many words"},
	} {
		x, err := Parse(tt.query)
		wrong, ok := errors.AsType[*Error](err)
		if !ok {
			t.Errorf("%.40q is read as %q, %v", tt.query, x, err)
			continue
		}
		if wrong.Pos != tt.pos || wrong.End != tt.end || !strings.Contains(wrong.Message, tt.says) || !strings.HasSuffix(wrong.Message, ".") {
			t.Errorf("%.40q: %d to %d: %s", tt.query, wrong.Pos, wrong.End, wrong.Message)
		}
	}
}

func TestTheCanonicalFormForgetsSpellingOnly(t *testing.T) {
	for _, same := range [][]string{
		{"", "  "},
		{"cafe time", "  time   CAFÉ ", "time AND café", "(time) (cafe cafe)", "time (cafe time)"},
		{"(a OR b OR c)", "c OR b OR a", "(a OR c) OR b", "c OR (b OR a) OR a"},
		{"-(a b)", "NOT (b a)", "---(a b)"},
		{`"new york"`, "new-york", `"New  York!"`},
		{`"中 国"`, "中国"},
		{`feed:a,"b c"`, `feed:"b c",a,a`},
		{`key:btc-usd`, `KEY:"BTC-USD"`},
		{"title:a,b", "title:b,a,B"},
		{`/(?i)a\/b/`, `/a\/b/i`},
		{"severity:critical,error", "severity>=error", "severity:error,CRITICAL"},
		{"since:2h", "after:2h"},
		{`since:"2026-11-01T07:00:00Z"`, "since:2026-11-01T08:00:00+01:00"},
		{`data.a."b.c":x,y`, `data."a"."b.c":y,x`},
		{"value=1", "value:1"},
		{"feed:a value>1 word /re/", "/re/ word value>1 feed:a"},
	} {
		want := ""
		for i, text := range same {
			x, err := Parse(text)
			if err != nil {
				t.Errorf("%s: %v", text, err)
				continue
			}
			if i == 0 {
				want = x.String()
			}
			if got := x.String(); got != want {
				t.Errorf("%s is %s, want %s", text, got, want)
			}
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, seed := range []string{
		"", `a -"b c"* OR (feed:x,"y z" value>=-1.50e3)`, `data.user."a.b".0:bob,x* data.price!=10`, `/a\/b\\/i title:/x/`,
		"since:2h before:2026-11-01 until:2026-11-01T08:30", "NOT (中国 OR が\u0301 ß)", "has:url,data has:data.a", "is:starred,unread", "severity>=warning --a", `key:"\"\\"*`,
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		x, err := Parse(text)
		if err != nil {
			wrong, ok := errors.AsType[*Error](err)
			if runes := len([]rune(text)); !ok || wrong.Pos < 0 || wrong.Pos > wrong.End || wrong.End > runes || wrong.Message == "" {
				t.Fatalf("%q: %+v", text, err)
			}
			return
		}
		canonical := x.String()
		again, err := Parse(canonical)
		if err != nil {
			if len(canonical) <= MaxLength {
				t.Fatalf("%q has the canonical form %q: %v", text, canonical, err)
			}
			return
		}
		if again.String() != canonical {
			t.Fatalf("%q: %q becomes %q", text, canonical, again.String())
		}
	})
}
