package source

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

const (
	rssText = `<?xml version="1.0"?><rss version="2.0"><channel><title>News</title><ttl>10</ttl>
<item><title>Second &amp; last</title><link>/2</link><guid>urn:2</guid><pubDate>Sun, 22 Nov 2026 09:00:00 GMT</pubDate>
<description><![CDATA[<p>One <b>bold</b>word.</p><p>Two.</p><script>x()</script>]]></description><author>a@a.example (Ann)</author><category>world</category></item>
<item><title>First</title><link>https://a.example/1</link><pubDate>Sun, 22 Nov 2026 08:00:00 GMT</pubDate></item>
</channel></rss>`
	atomText = `<feed xmlns="http://www.w3.org/2005/Atom"><title>Releases</title><updated>2026-11-22T10:00:00Z</updated><id>f</id>
<entry><id>tag:2</id><title>v2</title><link href="https://a.example/v2"/><updated>2026-11-22T10:00:00Z</updated><content type="html">&lt;i&gt;New&lt;/i&gt;</content></entry>
<entry><id>tag:1</id><title>v1</title><updated>2026-11-21T10:00:00Z</updated></entry></feed>`
	jsonFeed = `{"version":"https://jsonfeed.org/version/1.1","title":"J","items":[
{"id":"2","url":"https://a.example/2","content_text":"two","date_published":"2026-11-22T10:00:00+01:00"},{"id":"1","content_html":"<p>one</p>"}]}`
)

func items(t *testing.T, contentType, body string) []entry {
	t.Helper()
	base, err := url.Parse("https://a.example/feed")
	if err != nil {
		t.Fatal(err)
	}
	got, err := rssItems(pollFeed(KindRSS, base.String()), answer{body: []byte(body), header: http.Header{"Content-Type": {contentType}}, url: base})
	if err != nil {
		t.Fatal(err)
	}
	var out []entry
	for _, it := range got.items {
		var e entry
		if err := json.Unmarshal(it.data, &e); err != nil {
			t.Fatal(err)
		}
		if e.ID != "" && e.ID != it.id {
			t.Errorf("id %q of %q", it.id, e.ID)
		}
		out = append(out, e)
	}
	return out
}

func TestItemsOfEveryFormatBecomeEvents(t *testing.T) {
	diff(t, "RSS", []entry{
		{ID: "https://a.example/1", Title: "First", Link: "https://a.example/1", Published: "2026-11-22T08:00:00Z"},
		{
			ID: "urn:2", Title: "Second & last", Link: "https://a.example/2", Author: "Ann", Categories: []string{"world"},
			Text: "<p>One <b>bold</b>word.</p><p>Two.</p><script>x()</script>", Published: "2026-11-22T09:00:00Z",
		},
	}, items(t, "application/rss+xml", rssText))
	diff(t, "Atom", []entry{
		{ID: "tag:1", Title: "v1", Published: "2026-11-21T10:00:00Z", Updated: "2026-11-21T10:00:00Z"},
		{ID: "tag:2", Title: "v2", Link: "https://a.example/v2", Text: "<i>New</i>", Published: "2026-11-22T10:00:00Z", Updated: "2026-11-22T10:00:00Z"},
	}, items(t, "application/atom+xml", atomText))
	diff(t, "JSON Feed", []entry{
		{ID: "1", Text: "<p>one</p>"},
		{ID: "2", Link: "https://a.example/2", Text: "two", Published: "2026-11-22T09:00:00Z"},
	}, items(t, "application/feed+json", jsonFeed))
}

// Mapping takes markup out. What is escaped twice is text about markup, and must
// come to it as it was written.
func TestEscapedMarkupStaysAsItWasWritten(t *testing.T) {
	got := items(t, "application/rss+xml", `<rss><channel><item><guid>1</guid><title>The &amp;lt;b&amp;gt; tag</title>
<description> &lt;p&gt;a &amp;lt; b&lt;/p&gt; </description></item></channel></rss>`)
	diff(t, "items", []entry{{ID: "1", Title: "The &lt;b&gt; tag", Text: "<p>a &lt; b</p>"}}, got)
}

func TestAnEditedItemIsEmittedAgainAndAnOldOneIsNot(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := pollFeed(KindRSS, "http://a.example/feed")
		f.Interval = 0
		edited := strings.Replace(rssText, "First", "First, edited", 1)
		_, into, host := polling(t, f, time.Hour, say(rssText, "Cache-Control", "public, max-age=900"), say(rssText), fail(http.StatusNotModified), say(edited))
		diff(t, "ids", []string{"http://a.example/1", "urn:2", "http://a.example/1"}, func() []string {
			ids := into.ids()
			for i, id := range ids {
				ids[i] = strings.Replace(id, "https", "http", 1)
			}
			return ids
		}())
		// max-age, then ttl, also after an answer that says only that nothing has changed.
		p := host.pauses()
		for i, want := range []float64{900, 600, 600} {
			if p[i] < want || p[i] > 1.1*want {
				t.Errorf("pause %d was %v s, want %v", i+1, p[i], want)
			}
		}
	})
}

func TestTwoItemsUnderOneIDAreBothKnownAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const feed = `<rss><channel><item><guid>x</guid><title>two</title></item><item><guid>x</guid><title>one</title></item></channel></rss>`
		_, into, _ := polling(t, pollFeed(KindRSS, "http://a.example/feed"), 10*time.Second, say(feed), say(feed+" "), say(feed+"  "))
		if got := into.texts(); len(got) != 2 || into.ids()[0] == into.ids()[1] {
			t.Errorf("%q", got)
		}
	})
}

func TestAFeedThatIsGoneEndsAndWhatIsNoFeedIsExplained(t *testing.T) {
	for sentence, handler := range map[string]http.HandlerFunc{
		"gone for good":            fail(http.StatusGone),
		"is a web page":            say("<!DOCTYPE html><html><head>", "Content-Type", "text/html; charset=utf-8"),
		"not a JSON Feed":          say(`{"items":[]}`, "Content-Type", "application/json"),
		"its XML is damaged":       say(rssText[:400], "Content-Type", "application/rss+xml"),
		"or it is something else":  say("\x89PNG"),
		"has more than 1 KiB":      say(strings.Repeat(" ", 2000)),
		"asks for Basic authentic": fail(http.StatusUnauthorized, "WWW-Authenticate", "Basic realm=x"),
	} {
		synctest.Test(t, func(t *testing.T) {
			f := pollFeed(KindRSS, "http://a.example/feed")
			f.MaxBody = 1024
			s, into, _ := polling(t, f, 0, handler)
			if h := s.Health()[0]; !strings.Contains(h.Cause, sentence) || len(into.texts()) > 0 {
				t.Errorf("%s, because %q, want %q", h.State, h.Cause, sentence)
			}
		})
	}
}

func FuzzRSSNeverFailsBadly(f *testing.F) {
	for _, seed := range []string{rssText, atomText, jsonFeed, "<rss><channel><item/></channel></rss>", `{"version":"https://jsonfeed.org/version/1","items":[null]}`} {
		f.Add([]byte(seed))
	}
	base := &url.URL{Scheme: "https", Host: "a.example", Path: "/feed"}
	f.Fuzz(func(t *testing.T, body []byte) {
		got, err := rssItems(pollFeed(KindRSS, base.String()), answer{body: body, header: http.Header{}, url: base})
		for _, it := range got.items {
			if err != nil || it.id == "" || !json.Valid(it.data) {
				t.Errorf("%v: %+v", err, it)
			}
		}
	})
}

func TestAByteOrderMarkIsNoPartOfAFeed(t *testing.T) {
	for contentType, text := range map[string]string{"application/rss+xml": rssText, "application/atom+xml": atomText, "application/feed+json": jsonFeed} {
		diff(t, contentType, items(t, contentType, text), items(t, contentType, "\uFEFF"+text))
	}
}
