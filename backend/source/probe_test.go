package source

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"tickertape/backend/event"
	"tickertape/backend/simulate"
)

var update = flag.Bool("update", false, "write the golden files anew")

// simulated is a network whose host sim.example is the simulator, 5 events a
// second on each feed. Without a rate nothing ever happens.
func simulated(t *testing.T, rate float64) *network {
	t.Helper()
	server, err := simulate.New(simulate.Config{Seed: 1, Rate: rate, Backlog: 40, Other: "http://other.example"})
	if err != nil {
		t.Fatal(err)
	}
	hosts := map[string]http.Handler{"sim.example": server, "other.example": server}
	net, _ := world(t, hosts)
	t.Cleanup(func() {
		if err := server.Close(); err != nil {
			t.Error(err)
		}
	})
	return &net
}

// pages is a network in which the host a.example has these pages.
func pages(t *testing.T, at map[string]http.HandlerFunc) *network {
	t.Helper()
	mux := http.NewServeMux()
	for path, handler := range at {
		mux.HandleFunc(path, handler)
	}
	net, _ := world(t, map[string]http.Handler{"a.example": mux, "b.example": mux})
	return &net
}

func TestAProbeFindsEveryKind(t *testing.T) {
	for input, want := range map[string]Feed{
		"http://sim.example/sse/numbers":                           {Kind: KindSSE, Name: "sim.example", URL: "http://sim.example/sse/numbers"},
		"http://sim.example/sse/firebase":                          {Kind: KindSSE, Name: "sim.example", URL: "http://sim.example/sse/firebase", Delta: DeltaFirebase},
		"ws://sim.example/ws/jetstream":                            {Kind: KindWebSocket, Name: "sim.example", URL: "ws://sim.example/ws/jetstream"},
		"http://sim.example/ws/jetstream":                          {Kind: KindWebSocket, Name: "sim.example", URL: "ws://sim.example/ws/jetstream"},
		"http://sim.example/ndjson/ntfy":                           {Kind: KindNDJSON, Name: "sim.example", URL: "http://sim.example/ndjson/ntfy"},
		"http://sim.example/rss":                                   {Kind: KindRSS, Name: "The Simulated Gazette", URL: "http://sim.example/rss"},
		"http://sim.example/atom":                                  {Kind: KindRSS, Name: "The Simulated Gazette", URL: "http://sim.example/atom"},
		"http://sim.example/jsonfeed":                              {Kind: KindRSS, Name: "The Simulated Gazette", URL: "http://sim.example/jsonfeed"},
		"http://sim.example/poll/github":                           {Kind: KindPoll, Name: "sim.example", URL: "http://sim.example/poll/github", Items: "@this", Interval: Duration(time.Minute)},
		"http://sim.example/poll/usgs?age=90":                      {Kind: KindPoll, Name: "Simulated Earthquakes, Past Hour", URL: "http://sim.example/poll/usgs?age=90", Items: "features", Interval: Duration(90 * time.Second)},
		"http://sim.example/poll/espn":                             {Kind: KindPoll, Name: "sim.example", URL: "http://sim.example/poll/espn", Items: "events"},
		"http://sim.example/poll/openmeteo":                        {Kind: KindPoll, Name: "sim.example", URL: "http://sim.example/poll/openmeteo"},
		"sim.example/rss":                                          {Kind: KindRSS, Name: "The Simulated Gazette", URL: "http://sim.example/rss"},
		"feed://sim.example/rss":                                   {Kind: KindRSS, Name: "The Simulated Gazette", URL: "http://sim.example/rss"},
		"feed:http://sim.example/rss":                              {Kind: KindRSS, Name: "The Simulated Gazette", URL: "http://sim.example/rss"},
		"Read (http://sim.example/rss).":                           {Kind: KindRSS, Name: "The Simulated Gazette", URL: "http://sim.example/rss"},
		"http://sim.example/rss?fault=301":                         {Kind: KindRSS, Name: "The Simulated Gazette", URL: "http://sim.example/rss"},
		"http://sim.example/sse/ntfy?fault=307":                    {Kind: KindSSE, Name: "sim.example", URL: "http://sim.example/sse/ntfy?fault=307"},
		"http://sim.example/rss?fault=gzip":                        {Kind: KindRSS, Name: "The Simulated Gazette", URL: "http://sim.example/rss?fault=gzip"},
		"http://sim.example/ndjson/ntfy?fault=one-byte":            {Kind: KindNDJSON, Name: "sim.example", URL: "http://sim.example/ndjson/ntfy?fault=one-byte"},
		"http://sim.example/atom?fault=slow-header&wait=8s":        {Kind: KindRSS, Name: "The Simulated Gazette", URL: "http://sim.example/atom?fault=slow-header&wait=8s"},
		"curl -u tape:reel http://sim.example/rss?fault=401-basic": {Kind: KindRSS, Name: "The Simulated Gazette", URL: "http://sim.example/rss?fault=401-basic", Auth: Auth{Type: AuthBasic, User: "tape", Secret: "reel"}},
		"http://tape:reel@sim.example/rss?fault=401-basic":         {Kind: KindRSS, Name: "The Simulated Gazette", URL: "http://sim.example/rss?fault=401-basic", Auth: Auth{Type: AuthBasic, User: "tape", Secret: "reel"}},
	} {
		synctest.Test(t, func(t *testing.T) {
			got := Probe(t.Context(), input, ProbeConfig{world: simulated(t, 5)})
			if got.Error != nil || got.Feed == nil {
				t.Fatalf("%s: %+v", input, got.Error)
			}
			diff(t, input, want, *got.Feed)
			if len(got.Events) == 0 || len(got.Events) > probeEvents || got.Kind != want.Kind || got.Timings.FirstByte < 0 {
				t.Errorf("%s: %d events of kind %s", input, len(got.Events), got.Kind)
			}
			f := *got.Feed
			f.ID = "x"
			if problems := f.Problems(); len(problems) > 0 {
				t.Errorf("%s can't be saved: %v", input, problems)
			}
		})
	}
}

func TestAProbeSaysWhyThereIsNoFeed(t *testing.T) {
	for input, want := range map[string]ProbeError{
		"http://sim.example/rss?fault=401-basic":                  {Code: ProbeUnauthorized, Auth: "basic", Reason: "asks for Basic", Next: "a user and a password"},
		"http://sim.example/sse/numbers?fault=401-bearer":         {Code: ProbeUnauthorized, Auth: "bearer", Reason: "asks for Bearer", Next: "a token"},
		"ws://sim.example/ws/jetstream?fault=401-bearer":          {Code: ProbeUnauthorized, Auth: "bearer"},
		"http://sim.example/sse/numbers?fault=403":                {Code: ProbeForbidden, Reason: "refuses access"},
		"http://sim.example/poll/usgs?fault=404":                  {Code: ProbeNotFound, Reason: "nothing at this path"},
		"ws://sim.example/ws/jetstream?fault=404":                 {Code: ProbeNotFound},
		"http://sim.example/rss?fault=410":                        {Code: ProbeGone},
		"http://sim.example/rss?fault=204":                        {Code: ProbeStatus, Reason: "204"},
		"http://sim.example/poll/usgs?fault=429&wait=7s":          {Code: ProbeTooMany, Next: "for 7s"},
		"http://sim.example/rss?fault=503":                        {Code: ProbeServer},
		"http://sim.example/rss?fault=redirect-loop":              {Code: ProbeRedirect, Reason: "more than 5 times"},
		"http://sim.example/poll/usgs?fault=login-page":           {Code: ProbePage, Reason: "names no feed"},
		"http://sim.example/poll/usgs?fault=endless-html":         {Code: ProbePage},
		"http://sim.example/rss?fault=gzip-bomb":                  {Code: ProbeTooLarge, Reason: "unpacks to more than 1 MiB"},
		"http://sim.example/poll/usgs?fault=gzip-bomb":            {Code: ProbeTooLarge, Reason: "unpacks to more than 1 MiB"},
		"http://sim.example/rss?fault=endless-line":               {Code: ProbeTooLarge},
		"http://sim.example/poll/usgs?fault=endless-line":         {Code: ProbeTooLarge},
		"http://sim.example/rss?fault=slow-header&wait=1m":        {Code: ProbeSilent, Reason: "within 10s"},
		"http://sim.example/poll/usgs?fault=silence":              {Code: ProbeSilent, Reason: "nothing came for 10s"},
		"ws://sim.example/ws/jetstream?fault=slow-header&wait=1m": {Code: ProbeSilent},
		"http://sim.example/rss?fault=cut-mid-event":              {Code: ProbeOther, Reason: "was cut"},
		"http://nowhere.example/":                                 {Code: ProbeNoHost, Reason: "no host called nowhere.example"},
		"nowhere.example/x":                                       {Code: ProbeNoHost},
		"https://sim.example/rss":                                 {Code: ProbeTLS, Reason: "doesn't speak TLS"},
		"http://sim.example/":                                     {Code: ProbePage},
		"http://sim.example/sse/nothing":                          {Code: ProbeNotFound},
		"nonsense":                                                {Code: ProbeInput, Reason: "http:// or https://"},
		"ftp://sim.example/":                                      {Code: ProbeInput, Reason: "not an address"},
		"":                                                        {Code: ProbeInput},
		"curl -d @secrets http://sim.example/":                    {Code: ProbeInput, Reason: "sends a file"},
		"curl -X GET -d x http://sim.example/":                    {Code: ProbeInput},
		"curl -H 'Connection: x' -H 'a b: c' http://sim.example/": {Code: ProbeInput},
	} {
		synctest.Test(t, func(t *testing.T) {
			began := time.Now()
			got := Probe(t.Context(), input, ProbeConfig{world: simulated(t, 5), With: Feed{MaxBody: 1 << 20}})
			switch e := got.Error; {
			case e == nil || got.Feed != nil:
				t.Errorf("%s: no error: %+v", input, got)
			case e.Code != want.Code || !strings.Contains(e.Reason, want.Reason) || !strings.Contains(e.Next, want.Next) || (want.Auth != "" && e.Auth != want.Auth):
				t.Errorf("%s: %+v", input, *e)
			case !strings.HasSuffix(e.Reason, ".") && !strings.HasSuffix(e.Reason, "?") || !strings.HasSuffix(e.Next, "."):
				t.Errorf("%s: no sentences: %q %q", input, e.Reason, e.Next)
			}
			if took := time.Since(began); took > probeTimeout {
				t.Errorf("%s: it took %s", input, took)
			}
		})
	}
}

func TestAStreamThatIsSilentIsOne(t *testing.T) {
	for _, input := range []string{"http://sim.example/sse/wikimedia", "ws://sim.example/ws/jetstream", "http://sim.example/ndjson/lichess", "http://sim.example/sse/numbers?fault=silence"} {
		synctest.Test(t, func(t *testing.T) {
			began := time.Now()
			got := Probe(t.Context(), input, ProbeConfig{world: simulated(t, 0)})
			if got.Error != nil || got.Feed == nil || len(got.Events) > 0 || !strings.HasPrefix(got.Note, "It is connected, but") {
				t.Errorf("%s: %+v, %+v", input, got, got.Error)
			}
			if took := time.Since(began); took != probeTimeout*2/3 {
				t.Errorf("%s: it took %s", input, took)
			}
		})
	}
}

func TestAProbeEndsAtItsTimeAndWhenItIsCancelled(t *testing.T) {
	for _, input := range []string{
		"http://sim.example/sse/numbers?fault=slow-header&wait=1m", "http://sim.example/poll/usgs?fault=silence", "ws://sim.example/ws/jetstream",
		"http://sim.example/sse/numbers", "http://sim.example/rss", "http://sim.example/poll/usgs?fault=endless-line", "http://sim.example/ndjson/lichess?fault=one-byte",
	} {
		for _, after := range []time.Duration{0, time.Nanosecond, time.Second, 4 * time.Second} {
			synctest.Test(t, func(t *testing.T) { // which fails if anything is left running
				net := simulated(t, 0.5)
				ctx, cancel := context.WithCancel(t.Context())
				time.AfterFunc(after, cancel)
				began := time.Now()
				got := Probe(ctx, input, ProbeConfig{world: net, With: Feed{MaxBody: 1 << 20}})
				if took := time.Since(began); took > after {
					t.Errorf("%s, cancelled after %s: it took %s", input, after, took)
				}
				if got.Feed == nil && got.Error == nil {
					t.Errorf("%s, cancelled after %s: nothing is said", input, after)
				}
			})
		}
		synctest.Test(t, func(t *testing.T) {
			began := time.Now()
			Probe(t.Context(), input, ProbeConfig{world: simulated(t, 0.1), Timeout: 3 * time.Second, With: Feed{MaxBody: 1 << 20}})
			if took := time.Since(began); took > 3*time.Second {
				t.Errorf("%s: it took %s of 3s", input, took)
			}
		})
	}
}

func TestNoStepComesAfterTheEndAndNoneTellsASecret(t *testing.T) {
	server, err := simulate.New(simulate.Config{Seed: 1, Rate: 50, Backlog: 10})
	if err != nil {
		t.Fatal(err)
	}
	url, err := server.Listen("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	before := runtime.NumGoroutine()
	for _, path := range []string{"sse/numbers?token=hunter2", "rss?token=hunter2&fault=401-basic", "rss?fault=307&api_key=hunter2", "poll/usgs?key=hunter2"} {
		over := false
		var steps []string
		got := Probe(t.Context(), "curl -H 'X-Api-Key: hunter2' -H 'Authorization: Bearer hunter2' '"+url+path+"'", ProbeConfig{Step: func(name, detail string) {
			if over {
				t.Error("a step after the end")
			}
			steps = append(steps, name+" "+detail)
		}})
		over = true
		shown, err := json.Marshal(got.Masked())
		if err != nil {
			t.Fatal(err)
		}
		if text := fmt.Sprint(steps) + string(shown); strings.Contains(text, "hunter2") || len(steps) < 3 {
			t.Errorf("%s: %s", path, text)
		}
		if got.Feed != nil && (got.Feed.Auth.Secret != "hunter2" || !strings.Contains(got.Feed.URL, "hunter2")) {
			t.Errorf("%s: the feed to save has lost its secrets: %+v", path, got.Feed)
		}
	}
	waitForGoroutines(t, before)
}

func TestAProbeOverHTTP2IsTimedAndLeavesNothingRunning(t *testing.T) {
	before := runtime.NumGoroutine()
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/event-stream")
		for i := range probeEvents {
			fmt.Fprintf(w, "data: %s %d\n\n", r.Proto, i)
		}
		_ = http.NewResponseController(w).Flush()
		<-r.Context().Done()
	}))
	server.EnableHTTP2 = true
	server.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelInfo)
	server.StartTLS()
	var steps []string
	got := Probe(t.Context(), "curl -k "+server.URL, ProbeConfig{Step: func(name, detail string) { steps = append(steps, name+" "+detail) }})
	if got.Error != nil || got.Events[0].Raw.Data != "HTTP/2.0 0" || got.Timings.TLS <= 0 || !got.Feed.Insecure || !slices.Contains(steps, "tls TLS 1.3") {
		t.Errorf("%+v %+v %q", got, got.Error, steps)
	}
	unknown := Probe(t.Context(), server.URL, ProbeConfig{})
	if unknown.Error == nil || unknown.Error.Code != ProbeTLS {
		t.Errorf("a certificate that nobody knows: %+v", unknown.Error)
	}
	server.Close()
	waitForGoroutines(t, before)
}

func waitForGoroutines(t *testing.T, most int) {
	t.Helper()
	deadline := time.After(5 * time.Second)
	for runtime.NumGoroutine() > most {
		select {
		case <-deadline:
			t.Fatalf("%d goroutines, want %d", runtime.NumGoroutine(), most)
		case <-time.After(time.Millisecond):
		}
	}
}

func TestRefusedAndRedirectedIntoAPrivateNetwork(t *testing.T) {
	closed := httptest.NewServer(http.NotFoundHandler())
	closed.Close()
	got := Probe(t.Context(), strings.TrimPrefix(closed.URL, "http://"), ProbeConfig{})
	if got.Error == nil || got.Error.Code != ProbeRefused {
		t.Errorf("refused: %+v", got.Error)
	}
	private := serveAt(t, "127.0.0.1:0", say("[]"))
	outside := serveAt(t, "127.0.0.1:0", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/moved":
			http.Redirect(w, r, private+"/admin?token=hunter2", http.StatusFound)
		default:
			w.Header().Set("Content-Type", "text/html")
			fmt.Fprintf(w, `<link rel="alternate" type="application/rss+xml" href="%s/feed">`, private)
		}
	}))
	world := newNetwork()
	world.public = onlyAt(outside)
	for _, path := range []string{"/moved", "/page"} {
		got := Probe(t.Context(), outside+path, ProbeConfig{world: &world})
		if got.Error == nil || got.Error.Code != ProbeRedirect || !strings.Contains(got.Error.Reason, "private network") {
			t.Errorf("%s: %+v", path, got.Error)
		}
		if path == "/moved" {
			diff(t, "redirects", []string{private + "/admin?token=" + Mask}, got.Redirects)
		}
	}
}

const aLink = `<!doctype html><title>News &amp; more</title><link rel="alternate" type="application/rss+xml" title="All" href="/rss">`

func TestAPageLeadsToItsFeeds(t *testing.T) {
	page := func(html string, header ...string) http.HandlerFunc {
		return say(html, append([]string{"Content-Type", "text/html; charset=utf-8"}, header...)...)
	}
	rss := say(rssText, "Content-Type", "text/xml")
	stream := func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/event-stream")
		fmt.Fprintf(w, "data: about %s\n\n", r.URL.Query().Get("topic"))
	}
	for name, tt := range map[string]struct {
		at   map[string]http.HandlerFunc
		want string // the feed's kind, URL and name, or the offers
	}{
		"one":                  {map[string]http.HandlerFunc{"/": page(aLink), "/rss": rss}, "rss http://a.example/rss News"},
		"one, in parts":        {map[string]http.HandlerFunc{"/": page(aLink + aLink), "/rss": rss}, "rss http://a.example/rss News"},
		"a page about nothing": {map[string]http.HandlerFunc{"/": page("<title>x</title><link rel=stylesheet href=/rss><a href=/rss>")}, "page []"},
		"two": {
			map[string]http.HandlerFunc{"/": page(aLink + `<base href="http://b.example/x/"><LINK REL="alternate feed" TYPE="Application/Atom+XML" href=atom>`)},
			"page [All http://a.example/rss rss  http://b.example/x/atom rss]",
		},
		"a JSON Feed":    {map[string]http.HandlerFunc{"/": page(`<link rel=alternate type=application/feed+json href=/json>`), "/json": say(jsonFeed, "Content-Type", "application/feed+json")}, "rss http://a.example/json J"},
		"a script's URL": {map[string]http.HandlerFunc{"/": page(`<link rel=alternate type=application/rss+xml href="javascript:x()">`)}, "page []"},
		"a hub": {
			map[string]http.HandlerFunc{"/": page(`<title>Books</title>`, "Link", `</self>; rel="self", <https://c.example/>; rel="x", </hub>; rel="mercure"`), "/hub": stream},
			"sse http://a.example/hub?topic=http%3A%2F%2Fa.example%2F a.example",
		},
		"a hub in the page": {map[string]http.HandlerFunc{"/": page(`<link rel=mercure href=/hub?topic=x title=Hub>`), "/hub": stream}, "sse http://a.example/hub?topic=x Hub"},
		"a link to a page":  {map[string]http.HandlerFunc{"/": page(aLink), "/rss": page(aLink)}, "page []"},
		"RSS called a page": {map[string]http.HandlerFunc{"/": page(rssText)}, "rss http://a.example/ News"},
		"OPML": {
			map[string]http.HandlerFunc{"/": say(`<opml><head><title>Mine</title></head><body><outline text="X"><outline text="A" xmlUrl="http://b.example/"/></outline></body></opml>`, "Content-Type", "text/x-opml")},
			"list [A http://b.example/ rss]",
		},
	} {
		synctest.Test(t, func(t *testing.T) {
			got := Probe(t.Context(), "http://a.example/", ProbeConfig{world: pages(t, tt.at)})
			offers := make([]string, len(got.Feeds))
			for i, o := range got.Feeds {
				offers[i] = o.Title + " " + o.URL + " " + o.Kind
			}
			var is string
			switch {
			case got.Error != nil:
				is = fmt.Sprint(got.Error.Code, " ", offers)
			case got.Feed == nil:
				is = fmt.Sprint("list ", offers)
			default:
				is = got.Kind + " " + got.Feed.URL + " " + got.Name
			}
			diff(t, name, tt.want, is)
		})
	}
}

func TestAnAnswerIsJudgedByWhatItIs(t *testing.T) {
	for name, tt := range map[string]struct {
		answer http.HandlerFunc
		want   string // the kind, or the error's code
		items  string
	}{
		"lines called JSON":           {say("{\"a\":1}\n{\"a\":2}\n", "Content-Type", "application/json"), KindNDJSON, ""},
		"lines of nothing":            {say("{\"a\":1}\n\n\n{\"a\":2}\n"), KindNDJSON, ""},
		"a line, and then a pause":    {pausing("{\"a\":1}\n"), KindNDJSON, ""},
		"a document in two parts":     {pausing("{\"a\":1,\n"), ProbeSilent, ""},
		"a document of lines":         {say("{\n\"a\":[\n{\"b\":1},\n{\"b\":2}]}\n"), KindPoll, "a"},
		"no type":                     {say(`[{"a":1}]`, "Content-Type", ""), KindPoll, "@this"},
		"a byte order mark":           {say("\uFEFF"+`[{"a":1}]`, "Content-Type", "application/json"), KindPoll, "@this"},
		"damaged JSON":                {say(`{"a":`, "Content-Type", "application/json"), ProbeUnreadable, ""},
		"a text":                      {say("42 degrees", "Content-Type", "text/plain"), KindPoll, ""},
		"a picture":                   {say("\x89PNG", "Content-Type", "image/png"), ProbeUnreadable, ""},
		"bytes":                       {say("\x00\x01\x02", "Content-Type", "application/octet-stream"), ProbeUnreadable, ""},
		"nothing":                     {say("", "Content-Type", "application/json"), ProbeUnreadable, ""},
		"blanks":                      {say(" \n ", "Content-Type", "text/plain"), ProbeUnreadable, ""},
		"an unlabelled event stream":  {say("data: x\n\n", "Content-Type", "text/plain"), ProbeUnreadable, ""},
		"XML of something":            {say("<?xml version='1.0'?><catalog/>", "Content-Type", "application/xml"), ProbeUnreadable, ""},
		"only for streams":            {only("text/event-stream", http.StatusNotAcceptable), KindSSE, ""},
		"only for streams, else HTML": {only("text/event-stream", http.StatusOK), KindSSE, ""},
		"a stream that ends":          {say("", "Content-Type", "text/event-stream"), KindSSE, ""},
	} {
		synctest.Test(t, func(t *testing.T) {
			got := Probe(t.Context(), "http://a.example/", ProbeConfig{world: pages(t, map[string]http.HandlerFunc{"/": tt.answer})})
			is := got.Kind
			if got.Error != nil {
				is = got.Error.Code
			}
			if is != tt.want || (got.Feed != nil && got.Feed.Items != tt.items) {
				t.Errorf("%s: %s, want %s: %+v %+v", name, is, tt.want, got.Error, got.Feed)
			}
		})
	}
}

// pausing answers with the start of something, and keeps the rest.
func pausing(start string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, start)
		_ = http.NewResponseController(w).Flush()
		<-r.Context().Done()
	}
}

// only is a server that compares the Accept header with one word.
func only(accept string, otherwise int) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Accept") != accept {
			w.Header().Set("Content-Type", "text/html")
			w.WriteHeader(otherwise)
			fmt.Fprint(w, "<title>Streams</title>")
			return
		}
		w.Header().Set("Content-Type", accept)
		fmt.Fprint(w, "data: x\n\n")
	}
}

func TestAKnownFeedIsRecognisedOrOffered(t *testing.T) {
	known := []Feed{
		{ID: "home", Name: "Home", Kind: KindWebSocket, URL: "ws://sim.example/ws/coinbase", Script: []Step{{Send: `{"type":"subscribe","product_ids":["ALBA-USD"],"channels":["ticker"]}`}, {WaitFor: "type=subscriptions"}}},
		{ID: "keyed", Name: "Keyed", Kind: KindSSE, URL: "http://sim.example/sse/numbers", Auth: Auth{Type: AuthBearer}},
		{ID: "elsewhere", Name: "Elsewhere", Kind: KindRSS, URL: "http://a.example/"},
		{ID: "demo", Name: "Demo", Kind: KindSimulator, Scene: "ticker"},
	}
	mapped := func(feed string, raw event.Raw) event.Event {
		return event.Event{Feed: feed, Data: raw.Data, JSON: true}
	}
	for input, want := range map[string]string{
		"ws://sim.example/ws/coinbase/":  "websocket home 1 [keyed]",
		"http://sim.example/sse/numbers": "sse  0 [home keyed]",
		"http://sim.example/rss":         "rss  0 [home keyed]",
	} {
		synctest.Test(t, func(t *testing.T) {
			got := Probe(t.Context(), input, ProbeConfig{world: simulated(t, 5), Known: known, Map: mapped})
			if got.Error != nil {
				t.Fatalf("%s: %+v", input, got.Error)
			}
			var presets []string
			for _, o := range got.Feeds {
				presets = append(presets, o.Preset)
			}
			diff(t, input, want, fmt.Sprint(got.Kind, " ", got.Preset, " ", len(got.Feed.Script)/2, " ", presets))
			if e := got.Events[0].Event; e == nil || (got.Preset != "" && e.Feed != got.Preset) {
				t.Errorf("%s: mapped as %+v", input, e)
			}
		})
	}
}

func TestTheResultAsJSON(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		net := simulated(t, 0)
		cfg := ProbeConfig{world: net, Map: func(feed string, raw event.Raw) event.Event {
			return event.Event{Feed: feed, Type: "message", SourceID: raw.ID, Data: []byte(`{"shortened":true}`), JSON: true, ReceivedAt: time.Now()}
		}}
		var out strings.Builder
		for _, input := range []string{
			"curl -H 'X-Key: hunter2' 'http://sim.example/poll/usgs?fault=307&token=hunter2'",
			"http://sim.example/sse/numbers?fault=401-bearer",
			`<opml version="2.0"><head><title>Mine</title></head><body><outline text="A" xmlUrl="http://a.example/?key=hunter2"/></body></opml>`,
		} {
			result := Probe(t.Context(), input, cfg).Masked()
			result.Timings = ProbeTimings{DNS: 1.5, Connect: 2, TLS: 20.1, FirstByte: 31, FirstEvent: 31.2}
			if len(result.Events) > 1 {
				result.Events = result.Events[:1]
				result.Events[0].Raw.Data = "…"
			}
			data, err := json.MarshalIndent(result, "", "  ")
			if err != nil {
				t.Fatal(err)
			}
			out.Write(append(data, '\n'))
		}
		golden(t, "probe.golden", out.String())
	})
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.MkdirAll("testdata", 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	diff(t, name, strings.ReplaceAll(string(want), "\r\n", "\n"), got)
}
