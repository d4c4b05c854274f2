package query

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"tickertape/backend/event"
)

func tokens(text string, isJSON bool) string {
	var t tokenizer
	return string(t.append(nil, text, isJSON))
}

func TestTokensAreTheirOwnTokens(t *testing.T) {
	for r := range rune(unicode.MaxRune + 1) {
		if once := tokens(string(r)+"x", false); tokens(once, false) != once {
			t.Errorf("%U: %q becomes %q", r, once, tokens(once, false))
		}
	}
}

func TestIndexHasEachTextOnce(t *testing.T) {
	for _, tt := range []struct {
		event event.Event
		want  string
	}{
		{event.Event{Title: "A b", Text: "c-d", Data: []byte("c-d")}, " \uFFFD c d \uFFFD a b \uFFFD "},
		{event.Event{Data: []byte("c-d")}, " \uFFFD c d \uFFFD "},
		{event.Event{Key: "D", Data: []byte("c-d")}, " \uFFFD c d \uFFFD "},
		{event.Event{Key: "E", Data: []byte("c-d")}, " \uFFFD c d \uFFFD e \uFFFD "},
		{event.Event{Text: "cut", Data: []byte("cut off")}, " cut off \uFFFD "},
		{event.Event{Text: "cut o", Title: "off", Data: []byte("cut off")}, " cut off \uFFFD cut o \uFFFD "},
		{event.Event{JSON: true, Data: []byte(`{"a":["x\ty",1.5,null]}`)}, " a x y 1 5 null \uFFFD "},
		{event.Event{JSON: true, Title: "Y 1,5", Text: "5", Data: []byte(`["x\ty",1.5]`)}, " x y 1 5 \uFFFD "},
	} {
		if got := string(AppendIndex(nil, &tt.event)); got != tt.want {
			t.Errorf("%s: %q, want %q", tt.event.Data, got, tt.want)
		}
	}
}

// FuzzTokens holds that tokens have nothing in them that a full-text index
// would cut at, that cutting them again changes nothing, and that JSON has the
// tokens of what it says.
func FuzzTokens(f *testing.F) {
	f.Add("Café 中国 が \u00ad İ ﬁ ½ 🚀\u0300 न\u200d\u093c")
	f.Add("\xff\\u00e9\"\n")
	f.Fuzz(func(t *testing.T, text string) {
		got := tokens(text, false)
		if !utf8.ValidString(got) || got[0] != ' ' || !strings.HasSuffix(got, " ") || strings.Contains(got, "  ") {
			t.Fatalf("%q: %q", text, got)
		}
		for i := range len(got) {
			if c := got[i]; c < utf8.RuneSelf && c != ' ' && ascii[c] != c {
				t.Fatalf("%q: %q", text, got)
			}
		}
		if again := tokens(got, false); again != got {
			t.Fatalf("%q: %q becomes %q", text, got, again)
		}
		written, err := json.Marshal(text)
		if err != nil {
			t.Fatal(err)
		}
		var said string
		if err := json.Unmarshal(written, &said); err != nil {
			t.Fatal(err)
		}
		if got, want := tokens(string(written), true), tokens(said, false); got != want {
			t.Fatalf("%s: %q, want %q", written, got, want)
		}
	})
}

func BenchmarkMatch(b *testing.B) {
	ticker := event.Event{
		Feed: "coinbase", Type: "ticker", Key: "BTC-USD", Value: "64123.55", JSON: true,
		Data: []byte(`{"type":"ticker","price":"64123.55","product_id":"BTC-USD","time":"2026-11-22T08:21:23Z","side":"buy","best_bid":"64123.54","best_ask":"64123.56"}`),
	}
	news := event.Event{Feed: "news", Type: "message", Text: strings.Repeat("Der Zug fährt pünktlich über die Brücke. ", 5)}
	news.Data = []byte(news.Text)
	for _, bench := range []struct {
		name, query string
		event       *event.Event
	}{
		{"two words", "nasdaq OR buy", &ticker},
		{"two fields", "type:ticker value>64000", &ticker},
		{"field and word", "key:btc-usd sell", &ticker},
		{"accents", "brucke zug", &news},
		{"path", "data.price>64000", &ticker},
	} {
		b.Run(bench.name, func(b *testing.B) {
			f := must(b, bench.query)
			b.ReportAllocs()
			for b.Loop() {
				f.Match(bench.event)
			}
		})
	}
}

func TestMatchDoesNotAllocateForWordsAndFields(t *testing.T) {
	e := event.Event{Feed: "a", Type: "message", Value: "1.5", Data: []byte(`{"side":"buy"}`), JSON: true}
	f := must(t, "feed:a type:m* value>1 has:value buy -sell since:2000-01-01 OR severity>info")
	if n := testing.AllocsPerRun(100, func() { f.Match(&e) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func TestGlyphsAreAShortcutOnly(t *testing.T) {
	for r := rune(utf8.RuneSelf); r < 0x20000; r++ {
		for _, text := range []string{string(r), string(r) + "か" + string(r), "é" + string(r) + "\u3099"} {
			var long tokenizer
			for _, r := range text {
				if !ignored(r) {
					long.run = utf8.AppendRune(long.run, r)
				}
			}
			if want, got := string(endToken(long.compose([]byte(" ")))), tokens(text, false); got != want {
				t.Fatalf("%U: %q, want %q", r, got, want)
			}
		}
	}
}
