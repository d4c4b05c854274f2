package source

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"
)

func pollFeed(kind, url string) Feed {
	return Feed{ID: "x", Name: "X", Kind: kind, URL: url, Interval: Duration(time.Second)}
}

func TestProblemsAreSentencesByField(t *testing.T) {
	with := func(kind string, change func(*Feed)) Feed {
		f := pollFeed(kind, "https://a.example/x")
		change(&f)
		return f
	}
	tests := map[string]struct {
		feed  Feed
		field string // "" for none
	}{
		"every kind":               {with(KindRSS, func(*Feed) {}), ""},
		"a WebSocket's scheme":     {with(KindWebSocket, func(f *Feed) { f.URL = "wss://a.example" }), ""},
		"a WebSocket over https":   {with(KindWebSocket, func(*Feed) {}), ""},
		"wss read as sse":          {with(KindSSE, func(f *Feed) { f.URL = "wss://a.example" }), "url"},
		"ftp":                      {with(KindPoll, func(f *Feed) { f.URL = "ftp://a.example" }), "url"},
		"no kind":                  {with("telex", func(*Feed) {}), "kind"},
		"too often":                {with(KindPoll, func(f *Feed) { f.Interval = Duration(time.Second / 2) }), "interval"},
		"no interval":              {with(KindPoll, func(f *Feed) { f.Interval = 0 }), ""},
		"a method":                 {with(KindSSE, func(f *Feed) { f.Method = "PO ST" }), "method"},
		"a GET with a body":        {with(KindSSE, func(f *Feed) { f.Method, f.Body = "GET", "x" }), "body"},
		"a header's name":          {with(KindSSE, func(f *Feed) { f.Headers = map[string]string{"a b": "x"} }), "headers"},
		"a header's value":         {with(KindSSE, func(f *Feed) { f.Headers = map[string]string{"a": "x\r\ny: z"} }), "headers"},
		"a header of ours":         {with(KindSSE, func(f *Feed) { f.Headers = map[string]string{"accept-encoding": "br"} }), "headers"},
		"a script for sse":         {with(KindSSE, func(f *Feed) { f.Script = []Step{{Send: "x"}} }), "script"},
		"an empty step":            {with(KindWebSocket, func(f *Feed) { f.Script = []Step{{}} }), "script"},
		"a subprotocol":            {with(KindWebSocket, func(f *Feed) { f.Subprotocols = []string{"a b"} }), "subprotocols"},
		"a body for a WebSocket":   {with(KindWebSocket, func(f *Feed) { f.Body = "x" }), "method"},
		"auth of no type":          {with(KindSSE, func(f *Feed) { f.Auth = Auth{Type: "magic"} }), "auth"},
		"bearer without a token":   {with(KindSSE, func(f *Feed) { f.Auth = Auth{Type: AuthBearer} }), "auth"},
		"a key without a name":     {with(KindSSE, func(f *Feed) { f.Auth = Auth{Type: AuthQuery, Secret: "x"} }), "auth"},
		"a key in two lines":       {with(KindSSE, func(f *Feed) { f.Auth = Auth{Type: AuthBearer, Secret: "a\nb"} }), "auth"},
		"a mark without a secret":  {with(KindPoll, func(f *Feed) { f.Body = "{{secret}}" }), "auth"},
		"a proxy":                  {with(KindSSE, func(f *Feed) { f.Proxy = "localhost:8080" }), "proxy"},
		"a file of certificates":   {with(KindSSE, func(f *Feed) { f.CA = "ca.pem" }), "ca"},
		"too large an event":       {with(KindSSE, func(f *Feed) { f.MaxEvent = 1 << 40 }), "maxEvent"},
		"a negative body":          {with(KindSSE, func(f *Feed) { f.MaxBody = -1 }), "maxBody"},
		"negative items":           {with(KindSSE, func(f *Feed) { f.MaxItems = -1 }), "maxItems"},
		"a thousand redirects":     {with(KindSSE, func(f *Feed) { f.MaxRedirects = 1000 }), "maxRedirects"},
		"a cursor in two places":   {with(KindPoll, func(f *Feed) { f.Cursor = Cursor{Path: "a", Header: "b"} }), "cursor"},
		"a cursor in no answer":    {with(KindSSE, func(f *Feed) { f.Cursor = Cursor{Header: "b"} }), "cursor"},
		"changes of something":     {with(KindSSE, func(f *Feed) { f.Delta = "mongo" }), "delta"},
		"changes in a WebSocket":   {with(KindWebSocket, func(f *Feed) { f.Delta = DeltaFirebase }), "delta"},
		"everything that is right": {with(KindPoll, func(f *Feed) { f.Proxy, f.CA, f.Headers = "socks5://a:1", "/ca.pem", map[string]string{"X-Y": "z"} }), ""},
	}
	for name, tt := range tests {
		got := tt.feed.Problems()
		if tt.field == "" && len(got) == 0 {
			continue
		}
		if sentence := got[tt.field]; len(got) != 1 || !strings.HasSuffix(sentence, ".") {
			t.Errorf("%s: %v, want a sentence about %q", name, got, tt.field)
		}
	}
}

func TestSecretsAreKnownWhereverTheyAre(t *testing.T) {
	tests := map[string]struct {
		change func(*Feed)
		secret bool
	}{
		"nothing":           {func(*Feed) {}, false},
		"auth":              {func(f *Feed) { f.Auth = Auth{Type: AuthBearer, Secret: "hunter2"} }, true},
		"a header":          {func(f *Feed) { f.Headers = map[string]string{"x-api-key": "hunter2"} }, true},
		"a cookie":          {func(f *Feed) { f.Headers = map[string]string{"Cookie": "hunter2"} }, true},
		"a harmless header": {func(f *Feed) { f.Headers = map[string]string{"Accept-Language": "de"} }, false},
		"a script":          {func(f *Feed) { f.Script = []Step{{Send: `{"auth":{"access_token":"hunter2"}}`}} }, true},
		"a harmless script": {func(f *Feed) { f.Script = []Step{{Send: `{"type":"subscribe","keys":["a"]}`}} }, false},
		"a body":            {func(f *Feed) { f.Body = "user=a&password=hunter2" }, true},
		"a harmless body":   {func(f *Feed) { f.Body = `{"stream":true}` }, false},
		"a proxy":           {func(f *Feed) { f.Proxy = "http://me:hunter2@proxy.example:8080" }, true},
		"a URL's parameter": {func(f *Feed) { f.URL = "https://a.example/?x=1&api_key=hunter2&y=%20#f" }, true},
		"a URL's password":  {func(f *Feed) { f.URL = "https://me:hunter2@a.example/@x" }, true},
		"a URL's user":      {func(f *Feed) { f.URL = "https://hunter2:@a.example" }, true},
		"a harmless URL":    {func(f *Feed) { f.URL = "https://a.example/?x=1&token={{cursor}}&key=" }, false},
		"one twice":         {func(f *Feed) { f.URL = "https://a.example/?token=hunter2&token=hunter2b" }, true},
		"nested and escaped": {func(f *Feed) {
			f.Body = `{"a": [{"token" : "hunter2\"\u00e9", "b": 1}, {"token": "hunter2"}], "key": 7}`
		}, true},
		"a name of one's own": {func(f *Feed) {
			f.SecretNames, f.Headers, f.URL = []string{"x-magic", "q"}, map[string]string{"X-Magic": "hunter2"}, "https://a.example/?q=hunter2"
		}, true},
	}
	for name, tt := range tests {
		f := pollFeed(KindSSE, "https://a.example/")
		tt.change(&f)
		if f.UsesSecret() != tt.secret {
			t.Errorf("%s: secret %v", name, f.UsesSecret())
		}
		masked, err := json.Marshal(f.Masked())
		if err != nil {
			t.Fatal(err)
		}
		if all := string(masked) + fmt.Sprintf("%v %+v %s", f, f.Auth, f); strings.Contains(all, "hunter2") {
			t.Errorf("%s: shown: %s", name, all)
		}
		diff(t, name+": an edit that leaves the mask", f, f.Masked().Unmasked(f))
		if f.LacksSecret() || f.Masked().LacksSecret() != tt.secret {
			t.Errorf("%s: lacks a secret: %v, and masked: %v", name, f.LacksSecret(), f.Masked().LacksSecret())
		}
		if problems := f.Masked().Problems(); len(problems) > 0 && f.Body == "" && f.Script == nil {
			t.Errorf("%s: a mask makes it invalid: %v", name, problems)
		}
		values := map[string]string{}
		stored := f.MapSecrets(func(_, secret string) string {
			id := fmt.Sprint("id", len(values))
			values[id] = secret
			return SecretRef(id)
		})
		if stored.LacksSecret() != tt.secret || len(stored.SecretRefs()) != len(values) || len(stored.Problems()) != len(f.Problems()) {
			t.Errorf("%s: with references: %v, %v", name, stored.SecretRefs(), stored.Problems())
		}
		diff(t, name+": references resolved", f, stored.Resolved(values))
		diff(t, name+": references unmasked", stored, stored.Masked().Unmasked(stored))
	}
}

func TestAFeedWhoseSecretIsMissingAsksNobody(t *testing.T) {
	f := pollFeed(KindSSE, "https://a.example/?token="+Mask)
	err := newDriver(f, "", newNetwork()).Run(t.Context(), "", nil)
	if v := explain(f.URL, err); v.state != NeedsAuth || !strings.Contains(v.cause, "enter it") {
		t.Errorf("%+v", v)
	}
}

func FuzzSecretsAreTakenOutAndPutBack(f *testing.F) {
	for _, text := range []string{"https://a:b@c/?token=d&token=e#f", `{"key":"a","b":[{"token":"c"}]}`, "a=b&password=c", "{{secret:abc}}", Mask, `{"key":""}`, "?=&=&key=%7B%7Bsecret%7D%7D", "://:@"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if strings.Contains(text, "{{secret:") {
			return // it refers to something itself
		}
		feed := Feed{URL: text, Connection: Connection{Proxy: text}, Body: text, Headers: map[string]string{"Cookie": text, "X": text}, Script: []Step{{Send: text}}}
		diff(t, "masked and unmasked", feed, feed.Masked().Unmasked(feed))
		values := map[string]string{}
		stored := feed.MapSecrets(func(_, secret string) string {
			id := fmt.Sprint("id", len(values))
			values[id] = secret
			return SecretRef(id)
		})
		diff(t, "stored and resolved", feed, stored.Resolved(values))
	})
}

func TestAFeedsOriginIsWhatItAsksFor(t *testing.T) {
	f := pollFeed(KindSSE, "https://a.example/")
	if got := f.origin(); got != (Feed{ID: "x", Kind: KindSSE, URL: "https://a.example/", Items: "x"}).origin() {
		t.Error("how it is read has changed it")
	}
	other := f
	other.Body = "b"
	if other.origin() == f.origin() {
		t.Error("what it asks for hasn't")
	}
}
