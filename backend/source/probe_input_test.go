package source

import (
	"encoding/xml"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/tidwall/gjson"
)

func TestWhatPeoplePasteIsAnAddress(t *testing.T) {
	both := func(rest string) string { return "[https://" + rest + " http://" + rest + "]" }
	for input, want := range map[string]string{
		"https://a.example/x?y=z":                         "[https://a.example/x?y=z]",
		" HTTPS://a.example/x#part\n":                     "[https://a.example/x]",
		"\uFEFFhttps://a.example/":                        "[https://a.example/]",
		"wss://a.example/ws":                              "[wss://a.example/ws]",
		"a.example":                                       both("a.example"),
		"a.example/feed.xml?x=1":                          both("a.example/feed.xml?x=1"),
		"localhost:8080/events":                           both("localhost:8080/events"),
		"localhost":                                       both("localhost"),
		"homeassistant:8123/api":                          both("homeassistant:8123/api"),
		"127.0.0.1:5000":                                  both("127.0.0.1:5000"),
		"[::1]:5000/x":                                    both("[::1]:5000/x"),
		"bücher.example/feed":                             both("bücher.example/feed"),
		"feed://a.example/x":                              both("a.example/x"),
		"feed:https://a.example/x":                        "[https://a.example/x]",
		"feed:a.example/x":                                both("a.example/x"),
		"See https://a.example/x, or https://b.example/.": "[https://a.example/x]",
		"[feed](https://a.example/x)":                     "[https://a.example/x]",
		`new EventSource("https://a.example/x?a=1&b=2")`:  "[https://a.example/x?a=1&b=2]",
		`<a href='https://a.example/x'>x</a>`:             "[https://a.example/x]",
		"https://a.example/x?since={{cursor}}":            "[https://a.example/x?since={{cursor}}]",
		"curl -N a.example/x":                             both("a.example/x"),
		"nonsense":                                        "",
		"two words":                                       "",
		"ftp://a.example/":                                "",
		"mailto:ann@a.example":                            "",
		"":                                                "",
		"https://a.example:x/":                            "",
		"curl":                                            "",
	} {
		w, err := readInput(input, Feed{})
		if (err != nil) != (want == "") || (err == nil && fmt.Sprint(w.urls) != want) {
			t.Errorf("%q: %q, %v, want %s", input, w.urls, err, want)
		}
		if err != nil && !isA[*optionError](err) {
			t.Errorf("%q: no sentence: %v", input, err)
		}
	}
}

func TestAPasswordInAURLIsKeptWithTheSecrets(t *testing.T) {
	w, err := readInput("https://ann:p%40ss@a.example/x", Feed{Headers: map[string]string{"A": "b"}})
	if err != nil || w.urls[0] != "https://a.example/x" || w.feed.Auth != (Auth{Type: AuthBasic, User: "ann", Secret: "p@ss"}) || w.feed.Headers["A"] != "b" {
		t.Errorf("%q %+v %v", w.urls, w.feed, err)
	}
}

func TestAListOfFeedsIsRead(t *testing.T) {
	w, err := readInput(`<?xml version="1.0" encoding="ISO-8859-1"?>
<opml version="2.0"><head><title> My
 feeds </title></head><body><outline text="News"><outline type="rss" text="A &amp; B" title="" xmlUrl=" https://a.example/ "/>
<outline text="c" title="C" xmlUrl="https://c.example/" htmlUrl="https://c.example/home"/></outline><outline text="damaged`, Feed{})
	if err != nil {
		t.Fatal(err)
	}
	diff(t, "title", "My feeds", w.list.title)
	diff(t, "feeds", []ProbeOffer{{Title: "A & B", URL: "https://a.example/", Kind: KindRSS}, {Title: "C", URL: "https://c.example/", Kind: KindRSS}}, w.list.feeds)
	if _, err := readInput(`<opml version="2.0"><body/></opml>`, Feed{}); err == nil {
		t.Error("an empty list is one")
	}
}

func TestItemsAreTheLongestArrayOfObjects(t *testing.T) {
	for doc, want := range map[string]string{
		`[{"a":1},{"a":2}]`:                     "@this",
		`[{"a":1}]`:                             "@this",
		`[]`:                                    "@this",
		`[1,2,3]`:                               "",
		`{"a":1}`:                               "",
		`{"current":{"t":1},"units":{"t":"C"}}`: "",
		`{"weather":[{"id":800}],"main":{"t":1}}`: "",
		`{"events":[{"id":1}]}`:                   "events",
		`{"items":[]}`:                            "items",
		`{"x":[]}`:                                "",
		`{"tags":[{"a":1},{"a":2}],"data":{"rows":[{},{},{}]}}`: "data.rows",
		`{"a":[{},{}],"b":[{},{}]}`:                             "a",
		`{"a.b":{"c*":[{},{}]}}`:                                `a\.b.c\*`,
		`{"":[{},{}]}`:                                          "",
		`{"links":["a","b","c"],"results":[{}]}`:                "results",
		`{"a":[{"b":[{},{},{}]}]}`:                              "",
		`"text"`:                                                "",
	} {
		if got := findItems(gjson.Parse(doc)); got != want {
			t.Errorf("%s: %q, want %q", doc, got, want)
		}
	}
}

func FuzzItemsStandWhereTheyAreFound(f *testing.F) {
	for _, seed := range []string{`{"a.b":{"c*":[{},{}]}}`, `[{"a":1}]`, `{"@this":[{},{}],"|":[{},{},{}]}`, `{"#":{"é":[{},{}]}}`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if !gjson.Valid(text) || !utf8.ValidString(text) || strings.Contains(text, `\`) {
			return // escaped names are compared as they are written
		}
		doc := gjson.Parse(text)
		if path := findItems(doc); path != "" && !doc.Get(path).IsArray() && !hasTwice(doc) {
			t.Errorf("%s has no array at %q", text, path)
		}
	})
}

// hasTwice reports whether an object has one name twice: a path leads to the
// first.
func hasTwice(doc gjson.Result) (twice bool) {
	names := map[string]bool{}
	doc.ForEach(func(name, value gjson.Result) bool {
		twice = doc.IsObject() && names[name.Str] || hasTwice(value)
		names[name.Str] = true
		return !twice
	})
	return twice
}

func FuzzInput(f *testing.F) {
	for _, seed := range []string{
		"https://a.example/", "a.example:80/x", "feed:feed:feed:x", "curl -H 'a: b' x.example", `<opml><outline xmlUrl="x"/></opml>`, "https://u:p@a/", "wss://[::1]:x", "(https://a.example).",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, input string) {
		w, err := readInput(input, Feed{})
		if err == nil && len(w.urls) == 0 && len(w.list.feeds) == 0 {
			t.Error("neither an address nor a list, and no error")
		}
		for _, text := range w.urls {
			if u, err := url.Parse(text); err != nil || u.Scheme == "" || u.Fragment != "" {
				t.Errorf("%q of %q", text, input)
			}
		}
	})
}

func FuzzPage(f *testing.F) {
	for _, seed := range []string{aLink, `<base href="//x"><link rel=mercure href=y>`, `<link rel=alternate type=application/rss+xml href="&#0;">`, "<title>"} {
		f.Add(seed, `<x>; rel="mercure", <y>; rel=alternate; type="text/event-stream"`)
	}
	f.Fuzz(func(t *testing.T, body, link string) {
		p := readPage([]byte(body), &url.URL{Scheme: "https", Host: "a.example", Path: "/"})
		p.linkHeader(map[string][]string{"Link": {link}})
		for _, offer := range p.feeds {
			if u, err := url.Parse(offer.URL); err != nil || (u.Scheme != "http" && u.Scheme != "https") || offer.Kind == "" {
				t.Errorf("%+v", offer)
			}
		}
		if len([]rune(p.title)) > maxName {
			t.Errorf("a title of %d characters", len([]rune(p.title)))
		}
	})
}

func FuzzOPML(f *testing.F) {
	f.Add(`<opml><head><title>x</title></head><body><outline text="a" xmlUrl="b"/></body></opml>`)
	f.Fuzz(func(t *testing.T, text string) {
		list, err := readOPML(strings.NewReader(text))
		if (err == nil) != (len(list.feeds) > 0) || len(list.feeds) > maxOffers {
			t.Errorf("%d feeds, %v", len(list.feeds), err)
		}
		if _, ok := err.(*xml.SyntaxError); ok { //nolint:errorlint // it must not be wrapped, either
			t.Error("damage is an error")
		}
	})
}

func TestAURLIsShownWithoutItsSecrets(t *testing.T) {
	for in, want := range map[string]string{
		"https://a.example/x?token=hunter2&y=z&api_key=a": "https://a.example/x?token=" + Mask + "&y=z&api_key=" + Mask,
		"https://ann:hunter2@a.example/x@y":               "https://" + Mask + "@a.example/x@y",
		"https://a.example":                               "https://a.example",
		"https://a.example/?":                             "https://a.example/?",
		"no URL":                                          "no URL",
	} {
		if got := maskedURL(in); got != want {
			t.Errorf("%s is shown as %s, want %s", in, got, want)
		}
	}
}
