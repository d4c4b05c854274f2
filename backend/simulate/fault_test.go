package simulate

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
)

const numbers = "/sse/numbers?after=all&fault="

// faultTests has a test for each fault, on a server with nine events on its tape.
var faultTests = map[string]func(t *testing.T, s *simulated){
	"204": answers(http.StatusNoContent, "", ""), "403": answers(http.StatusForbidden, "", ""),
	"404": answers(http.StatusNotFound, "", ""), "410": answers(http.StatusGone, "", ""), "503": answers(http.StatusServiceUnavailable, "", ""),
	"429": answers(http.StatusTooManyRequests, "Retry-After", "2"),
	"301": answers(http.StatusMovedPermanently, "Location", "/sse/numbers?after=all"), "307": redirectsToAnotherHost,
	"redirect-private": answers(http.StatusFound, "Location", "http://10.255.255.254/sse/numbers"), "redirect-loop": redirectsForEver,
	"401-basic": wantsBasic, "401-bearer": wantsBearer,
	"login-page": answers(http.StatusOK, "Content-Type", "text/html; charset=utf-8"), "endless-html": isEndless, "endless-line": isEndless,
	"xml-bomb": isXMLBomb, "gzip-bomb": isGzipBomb,
	"slow-header": isSlow, "silence": isSilent, "cut-mid-event": isCut,
	"split-utf8": changesNothing, "one-byte": changesNothing, "cr": changesNothing, "crlf": changesNothing, "bom": changesNothing, "gzip": changesNothing,
	"big-event": hasBigEvents, "duplicate-ids": repeats, "nul-id": hasNUL, "invalid-utf8": hasInvalidUTF8,
	"planned-close": isClosed, "cut-24h": isClosedAfterADay, "random": isSurvivable,
}

func TestEveryFaultDoesWhatItSays(t *testing.T) {
	t.Parallel()
	for _, f := range Faults() {
		test := faultTests[f.Name]
		if test == nil {
			t.Errorf("%s has no test", f.Name)
			continue
		}
		t.Run(f.Name, func(t *testing.T) {
			t.Parallel()
			test(t, start(t, Config{Seed: 1, Backlog: 9}))
		})
	}
}

// fault is the name of the one under test.
func fault(t *testing.T) string { return t.Name()[strings.LastIndex(t.Name(), "/")+1:] }

// answers checks status and one header, for event streams and where else the fault strikes.
func answers(status int, header, value string) func(*testing.T, *simulated) {
	return func(t *testing.T, s *simulated) {
		resp := s.get(numbers + fault(t))
		if resp.StatusCode != status || resp.Header.Get(header) != value {
			t.Errorf("%s %v", resp.Status, resp.Header)
		}
		info, _ := findFault(fault(t))
		for _, f := range Feeds() {
			if slices.Contains(info.On, f.Protocol) {
				equal(t, status, s.get(f.Path+"?fault="+fault(t)).StatusCode)
			}
		}
	}
}

func redirectsToAnotherHost(t *testing.T, s *simulated) {
	resp := s.get(numbers + "307&seed=3")
	to, err := resp.Location()
	if err != nil || resp.StatusCode != http.StatusTemporaryRedirect || "http://"+to.Host == s.url {
		t.Fatal(resp.Status, to, err)
	}
	equal(t, "/sse/numbers?after=all", to.RequestURI())
	there := simulated{Server: s.Server, t: t, ctx: s.ctx, url: "http://" + to.Host, http: s.http}
	equal(t, http.StatusOK, there.get(to.RequestURI()).StatusCode)
}

func redirectsForEver(t *testing.T, s *simulated) {
	path := numbers + "redirect-loop"
	for range 3 {
		resp := s.get(path)
		equal(t, http.StatusFound, resp.StatusCode)
		equal(t, path, resp.Header.Get("Location"))
		path = resp.Header.Get("Location")
	}
}

func wantsBasic(t *testing.T, s *simulated) {
	equal(t, `Basic realm="simulator"`, s.get("/rss?fault=401-basic").Header.Get("WWW-Authenticate"))
	for credentials, want := range map[string]int{"": 401, "Basic bm86bm8=": 401, "Basic dGFwZTpyZWVs": 200} {
		status, _ := s.read("/rss?fault=401-basic", "Authorization", credentials)
		equal(t, want, status)
	}
}

func wantsBearer(t *testing.T, s *simulated) {
	equal(t, `Bearer realm="simulator"`, s.get("/rss?fault=401-bearer").Header.Get("WWW-Authenticate"))
	for credentials, want := range map[string]int{"": 401, "Bearer no": 401, "Bearer " + BearerToken: 200} {
		status, _ := s.read("/rss?fault=401-bearer", "Authorization", credentials)
		equal(t, want, status)
	}
}

// isEndless reads a megabyte of something without an end.
func isEndless(t *testing.T, s *simulated) {
	for _, path := range []string{numbers, "/ndjson/ntfy?fault=", "/rss?fault=", "/poll/usgs?fault="} {
		resp := s.get(path + fault(t))
		b, err := io.ReadAll(io.LimitReader(resp.Body, 1<<20))
		if err != nil || len(b) != 1<<20 {
			t.Fatalf("%s: %d bytes, %v", path, len(b), err)
		}
		isHTML := strings.HasPrefix(resp.Header.Get("Content-Type"), "text/html")
		_, rest, _ := bytes.Cut(b, []byte("\n"))
		if isHTML != (fault(t) == "endless-html") || !isHTML && len(rest) > 0 {
			t.Errorf("%s: %v, and %d bytes after the first line", path, resp.Header, len(rest))
		}
		_ = resp.Body.Close()
	}
}

func isXMLBomb(t *testing.T, s *simulated) {
	resp := s.get("/rss?fault=xml-bomb")
	text, err := resp.text()
	if err != nil || len(text) > 5000 || strings.Count(text, "<!ENTITY") != 10 || strings.Count(text, "&a8;") != 10 {
		t.Errorf("%d bytes, %v: %s", len(text), err, text)
	}
}

func isGzipBomb(t *testing.T, s *simulated) {
	resp := s.get("/poll/usgs?fault=gzip-bomb", "Accept-Encoding", "gzip") // our own: so it stays packed
	text, err := resp.text()
	if err != nil || len(text) > 2<<20 || resp.Header.Get("Content-Encoding") != "gzip" {
		t.Fatalf("%d bytes, %v", len(text), err)
	}
	member := len(gzipMember(1 << 20))
	equal(t, 1024*member, len(text))
	z, err := gzip.NewReader(strings.NewReader(text[:2*member]))
	if err != nil {
		t.Fatal(err)
	}
	if n, err := io.Copy(io.Discard, z); n != 2<<20 || err != nil {
		t.Errorf("two members have %d bytes, %v", n, err)
	}
}

func TestAFaultStrikesAsOftenAsItIsTold(t *testing.T) {
	s := start(t, Config{Seed: 1, Backlog: 1})
	if err := s.SetFault("/rss", Fault{Name: "503", Times: 2}); err != nil {
		t.Fatal(err)
	}
	var got []int
	for range 3 {
		status, _ := s.read("/rss")
		got = append(got, status)
	}
	status, _ := s.read("/atom")
	asked, _ := s.read("/rss?fault=410")
	if err := s.SetFault("/rss", Fault{Name: "403"}); err != nil {
		t.Fatal(err)
	}
	again, _ := s.read("/rss")
	if err := s.SetFault("/rss", Fault{}); err != nil {
		t.Fatal(err)
	}
	ended, _ := s.read("/rss")
	equal(t, []int{503, 503, 200, 200, 410, 403, 200}, append(got, status, asked, again, ended))
}

func TestFaultsThatMakeNoSenseAreRefused(t *testing.T) {
	s := start(t, Config{Seed: 1})
	for query, want := range map[string]string{
		"/rss?fault=flood":                 `there is no fault called "flood": the page at / lists them`,
		"/rss?fault=nul-id":                "the fault nul-id makes no sense for syndication",
		"/rss?fault=503&p=2":               "a probability of 2: it can be from 0 to 1",
		"/rss?fault=503&p=NaN":             "a probability of NaN: it can be from 0 to 1",
		"/rss?fault=503&times=-1":          "the fault 503 can't strike less than never, nor wait less than nothing",
		"/rss?fault=503&seed=x":            "seed=x can't be read",
		"/rss?fault=slow-header&wait=long": "wait=long can't be read",
	} {
		status, text := s.read(query)
		equal(t, http.StatusBadRequest, status)
		equal(t, want+"\n", text)
	}
	for _, err := range []error{s.SetFault("/nowhere", Fault{Name: "503"}), s.SetFault("/rss", Fault{Name: "nul-id"})} {
		if err == nil {
			t.Error("SetFault took it")
		}
	}
}

func FuzzParseFault(f *testing.F) {
	for _, query := range []string{"fault=503", "fault=random&seed=7&times=2&p=0.3&wait=5s", "fault=cut-24h&wait=-1s", "p=1e999&fault=bom", "fault=%00"} {
		f.Add(query)
	}
	f.Fuzz(func(t *testing.T, text string) {
		query, err := url.ParseQuery(text)
		if err != nil {
			return
		}
		fault, err := ParseFault(query)
		if err != nil || fault.check(SSE) != nil {
			return
		}
		if fault.Probability < 0 || fault.Probability > 1 || fault.Wait < 0 || fault.Times < 0 || fault.after() < 1 || fault.after() > 3 {
			t.Errorf("%+v", fault)
		}
	})
}
