package catalogue

import (
	"bytes"
	"encoding/json"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/tidwall/gjson"
)

var sentence = regexp.MustCompile(`^[\p{Lu}\d].*\.$`)

func TestPresetsAreComplete(t *testing.T) {
	seen := map[string]bool{}
	for _, p := range All() {
		t.Run(p.ID, func(t *testing.T) {
			if p.ID == "" || p.ID != slug(p.ID) || seen[p.ID] || seen[p.Name] {
				t.Errorf("the id %q or the name %q is taken or odd", p.ID, p.Name)
			}
			seen[p.ID], seen[p.Name] = true, true
			if n := len([]rune(p.Name)); n == 0 || n > 60 {
				t.Errorf("the name %q has %d characters, a feed's has 1 to 60", p.Name, n)
			}
			if !slices.ContainsFunc(Topics(), func(topic Topic) bool { return topic.ID == p.Topic }) {
				t.Errorf("there is no topic %q", p.Topic)
			}
			for what, text := range map[string]string{"shows": p.Shows, "terms": p.Terms} {
				if text != "" && !sentence.MatchString(text) {
					t.Errorf("%s is no sentence: %q", what, text)
				}
			}
			if p.Shows == "" || p.Homepage == "" {
				t.Error("it doesn't say what it shows, or where to read about it")
			}
			if p.Feed.ID != p.ID || p.Feed.Name != p.Name {
				t.Errorf("its feed would be called %s, %s", p.Feed.ID, p.Feed.Name)
			}
		})
	}
	if n := len(All()); n < 30 {
		t.Errorf("%d presets, want 30 or more", n)
	}
}

func slug(id string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || r == '-' {
			return r
		}
		return -1
	}, id)
}

func TestPresetsConnectSafely(t *testing.T) {
	for _, p := range All() {
		t.Run(p.ID, func(t *testing.T) {
			for what, text := range map[string]string{"homepage": p.Homepage, "url": p.Feed.URL} {
				offline := slices.Contains([]string{"clock", "simulator", "push"}, p.Feed.Kind)
				if what == "url" && offline {
					if text != "" {
						t.Errorf("a feed that connects to nobody has the URL %s", text)
					}
					continue
				}
				checkURL(t, text, what == "url" && p.Feed.Kind == "websocket")
			}
		})
	}
}

func checkURL(t *testing.T, text string, webSocket bool) {
	t.Helper()
	u, err := url.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	secure, plain := "https", "http"
	if webSocket {
		secure, plain = "wss", "ws"
	}
	// What stands in one's own house has no certificate.
	if u.Scheme != secure && (u.Scheme != plain || !strings.HasSuffix(u.Hostname(), ".local")) || u.Host == "" {
		t.Errorf("%s doesn't begin with %s://", text, secure)
	}
	if u.User != nil {
		t.Errorf("%s has a password", text)
	}
}

func TestPresetsWithAKeySayWhereToGetItAndWhereItGoes(t *testing.T) {
	for _, p := range All() {
		feed := gjson.GetBytes(document, `presets.#(id=="`+p.ID+`").feed`)
		auth, marked := feed.Get("auth.type").String(), strings.Contains(feed.Raw, "{{secret}}")
		if p.Key == nil {
			if auth != "" || marked {
				t.Errorf("%s: its feed wants a key that nobody is asked for", p.ID)
			}
			continue
		}
		if p.Key.Name == "" || p.Key.Where == "" {
			t.Errorf("%s: its key has no name or no place to get it", p.ID)
		}
		checkURL(t, p.Key.Where, false)
		switch p.Key.How {
		case "bearer":
			if auth != "bearer" {
				t.Errorf("%s: its feed doesn't send the key", p.ID)
			}
		case "query", "header":
			if auth != p.Key.How || feed.Get("auth.name").String() == "" {
				t.Errorf("%s: its feed doesn't send the key", p.ID)
			}
		case "script":
			if !marked {
				t.Errorf("%s: no step of its script has the key", p.ID)
			}
		default:
			t.Errorf("%s: there is no way %q to send a key", p.ID, p.Key.How)
		}
		if feed.Get("auth.secret").Exists() {
			t.Errorf("%s: a key in the catalogue", p.ID)
		}
	}
}

// A field that is mistyped would be ignored in silence.
func TestTheDocumentHasNoUnknownFields(t *testing.T) {
	in := json.NewDecoder(bytes.NewReader(document))
	in.DisallowUnknownFields()
	var strict contents
	if err := in.Decode(&strict); err != nil {
		t.Fatal(err)
	}
}

func TestPresetsCanRunOnceTheyHaveTheirKey(t *testing.T) {
	for _, p := range All() {
		if p.Key != nil {
			p.Feed.Auth.Secret = "hunter2"
		}
		for field, sentence := range p.Feed.Problems() {
			t.Errorf("%s: %s: %s", p.ID, field, sentence)
		}
	}
}

func TestPresetsStandByTopic(t *testing.T) {
	var order, want []string
	for _, p := range All() {
		order = append(order, p.Topic)
	}
	for _, topic := range Topics() {
		want = append(want, topic.ID)
	}
	if order = slices.Compact(order); !slices.Equal(order, want) {
		t.Errorf("%q, want %q", order, want)
	}
}

func TestSearchFindsEachWordAnywhereAndNamesFirst(t *testing.T) {
	ids := func(text string) (found []string) {
		for _, p := range Search(text) {
			found = append(found, p.ID)
		}
		return found
	}
	if got := ids("BITCOIN price"); !slices.Contains(got, "coinbase-ticker") || slices.Contains(got, "bitcoin-blocks") {
		t.Errorf("bitcoin price: %q", got)
	}
	if got := ids("clock"); len(got) < 2 || got[0] != "clock" || !slices.Contains(got, "demo-league") {
		t.Errorf("clock: %q", got)
	}
	if got := ids("websocket"); !slices.Contains(got, "bluesky-posts") {
		t.Errorf("websocket: %q", got)
	}
	if got := ids(" "); len(got) != len(All()) {
		t.Errorf("without a word: %d of %d", len(got), len(All()))
	}
	if got := ids("nothing has this"); got != nil {
		t.Errorf("no match: %q", got)
	}
}

func TestAllGivesAwayItsSlice(t *testing.T) {
	All()[0].ID = "changed"
	if _, found := Find("changed"); found {
		t.Error("a caller changed the catalogue")
	}
	if p, found := Find("clock"); !found || p.Feed.Kind != "clock" {
		t.Errorf("clock: %+v", p)
	}
}
