package settings

import (
	"fmt"
	"maps"
	"net"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"tickertape/backend/mapping"
	"tickertape/backend/source"
)

// Version is the version of the document that this program writes.
const Version = 2

// Settings is the whole document. Treat it as a value: Clone before a change.
type Settings struct {
	Version    int        `json:"version"`
	Front      Front      `json:"front"`
	Appearance Appearance `json:"appearance"`
	History    Retention  `json:"history"` // of all feeds together
	Network    Network    `json:"network"`
	Feeds      []Feed     `json:"feeds"`
	Tokens     []Token    `json:"tokens"`
	Views      []View     `json:"views"`
}

// Front is the front door: the listener that other programs see.
type Front struct {
	Enabled bool   `json:"enabled"`
	Address string `json:"address"` // an IP address
	Port    int    `json:"port"`    // 0 to 65535; 0 lets the system choose

	// Origins are the web sites whose pages may read and publish as programs of
	// the same computer may, each as https://host or with a port.
	Origins []string `json:"origins,omitempty"`
	TLS     TLS      `json:"tls,omitzero"`
}

// TLS is how the front door encrypts.
type TLS struct {
	Mode string `json:"mode"`           // TLSOff, TLSOwn or TLSFiles; "" means TLSOff
	Cert string `json:"cert,omitempty"` // with TLSFiles: the file of the certificate's chain, PEM
	Key  string `json:"key,omitempty"`  // with TLSFiles: the file of its private key, PEM
}

// The modes of TLS.
const (
	TLSOff   = "off"
	TLSOwn   = "own"   // a certificate that Tickertape makes and renews
	TLSFiles = "files" // the user's own
)

// Appearance is how the window looks.
type Appearance struct {
	Theme    string `json:"theme"`    // system, light, dark, or contrast: the system's, with high contrast
	Density  string `json:"density"`  // comfortable or compact
	Language string `json:"language"` // system, or one of Languages
}

// Network is how feeds reach the outside, unless they say otherwise.
type Network = source.Network

// Feed is one feed's settings.
type Feed struct {
	source.Feed
	Color   int             `json:"color"` // 1 to Colors
	Share   bool            `json:"share,omitempty"`
	Group   string          `json:"group,omitempty"` // under which heading it stands; "" for none
	Mapping mapping.Mapping `json:"mapping,omitzero"`

	Retention Retention `json:"retention,omitzero"` // besides that of all feeds
}

// Languages are those that the window speaks.
var Languages = []string{"en", "de", "ja"}

// Colors is how many colours a feed can have.
const Colors = 12

// Shared reports whether the front door serves the feed: one that uses a
// secret only when its owner said so.
func (f Feed) Shared() bool { return f.Share || !f.UsesSecret() }

// Default is the document of a first run: the demonstration.
func Default() Settings {
	return Settings{
		Version:    Version,
		Front:      Front{Enabled: true, Address: "127.0.0.1", Port: 5000},
		Network:    source.DefaultNetwork(),
		History:    Retention{Bytes: DefaultBytes},
		Appearance: Appearance{Theme: "system", Density: "comfortable", Language: "system"},
		Feeds:      []Feed{Clock()},
		Tokens:     []Token{},
		Views:      []View{},
	}
}

// Clock is the built-in clock as a first run has it.
func Clock() Feed {
	return Feed{Color: 1, Feed: source.Feed{ID: "clock", Name: "Clock", Kind: source.KindClock, Interval: source.DefaultClockInterval}}
}

// Clone copies the document.
func (s Settings) Clone() Settings {
	s.Feeds = slices.Clone(s.Feeds)
	s.Tokens = slices.Clone(s.Tokens)
	s.Views = slices.Clone(s.Views)
	s.Front.Origins = slices.Clone(s.Front.Origins)
	for i := range s.Feeds {
		s.Feeds[i].Feed = s.Feeds[i].Clone()
	}
	return s
}

// Masked is the document as it may be shown: its feeds are source.Feed.Masked, its
// network source.Network.Masked.
func (s Settings) Masked() Settings {
	s.Network = s.Network.Masked()
	s.Feeds = slices.Clone(s.Feeds)
	for i := range s.Feeds {
		s.Feeds[i] = s.Feeds[i].Masked()
	}
	return s
}

// Masked is the feed as it may be shown.
func (f Feed) Masked() Feed {
	f.Feed = f.Feed.Masked()
	return f
}

// Feed finds a feed by id: its place, or -1.
func (s Settings) Feed(id string) int {
	return slices.IndexFunc(s.Feeds, func(f Feed) bool { return f.ID == id })
}

// Sources are the feeds as the supervisor takes them.
func (s Settings) Sources() []source.Feed {
	feeds := make([]source.Feed, len(s.Feeds))
	for i, f := range s.Feeds {
		feeds[i] = f.Feed
		feeds[i].Defaults = s.Network
	}
	return feeds
}

// Invalid says what is wrong with settings: a sentence by field. Fields of the
// feed in question have their JSON names.
type Invalid map[string]string

// Error lists the sentences in the order of their fields.
func (e Invalid) Error() string {
	var sentences []string
	for _, field := range slices.Sorted(maps.Keys(e)) {
		sentences = append(sentences, e[field])
	}
	return strings.Join(sentences, " ")
}

// Validate returns an Invalid with all problems, or nil.
func (s Settings) Validate() error {
	problems := Invalid{}
	maps.Copy(problems, s.Front.problems())
	if !slices.Contains([]string{"system", "light", "dark", "contrast"}, s.Appearance.Theme) {
		problems["theme"] = "The theme is system, light, dark or contrast."
	}
	if !slices.Contains([]string{"comfortable", "compact"}, s.Appearance.Density) {
		problems["density"] = "The density is comfortable or compact."
	}
	maps.Copy(problems, s.History.problems())
	maps.Copy(problems, s.Network.Problems())
	if s.Appearance.Language != "system" && !slices.Contains(Languages, s.Appearance.Language) {
		problems["language"] = "The language is system, or one of " + strings.Join(Languages, ", ") + "."
	}
	maps.Copy(problems, s.tokenProblems())
	maps.Copy(problems, s.viewProblems())
	for i, f := range s.Feeds {
		maps.Copy(problems, f.Problems())
		maps.Copy(problems, f.Retention.problems())
		if f.Color < 1 || f.Color > Colors {
			problems["color"] = fmt.Sprintf("A colour is a number from 1 to %d.", Colors)
		}
		if n := len([]rune(f.Group)); n > 60 {
			problems["group"] = fmt.Sprintf("A group's name has at most 60 characters; this one has %d.", n)
		}
		for _, other := range s.Feeds[:i] {
			if other.ID == f.ID {
				problems["id"] = fmt.Sprintf("There is a feed with the id %q already.", f.ID)
			}
			if strings.EqualFold(other.Name, f.Name) {
				problems["name"] = fmt.Sprintf("There is a feed called %q already.", other.Name)
			}
		}
	}
	if len(problems) > 0 {
		return problems
	}
	return nil
}

func (f Front) problems() Invalid {
	problems := Invalid{}
	if _, err := netip.ParseAddr(f.Address); err != nil {
		problems["address"] = "The address is an IP address of this computer, such as 127.0.0.1."
	}
	if f.Port < 0 || f.Port > 65535 {
		problems["port"] = "A port is a number from 1 to 65535."
	}
	for _, origin := range f.Origins {
		if !isOrigin(origin) {
			problems["origins"] = fmt.Sprintf("%q is not an origin: write it as a browser does, such as https://example.com or http://localhost:8080.", origin)
		}
	}
	switch f.TLS.Mode {
	case "", TLSOff, TLSOwn:
	case TLSFiles:
		if f.TLS.Cert == "" || f.TLS.Key == "" {
			problems["tls"] = "Name the files of the certificate and of its key."
		}
	default:
		problems["tls"] = fmt.Sprintf("There is no TLS mode %q: use off, own or files.", f.TLS.Mode)
	}
	return problems
}

// isOrigin reports whether text is an origin, as browsers write it.
func isOrigin(text string) bool {
	u, err := url.Parse(text)
	return err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Hostname() != "" && !strings.Contains(u.Host, "*") &&
		text == u.Scheme+"://"+strings.ToLower(u.Host)
}

// Equal reports whether both say the same.
func (f Front) Equal(other Front) bool {
	return f.Enabled == other.Enabled && f.Address == other.Address && f.Port == other.Port && f.TLS == other.TLS && slices.Equal(f.Origins, other.Origins)
}

// HostPort is the address to listen at.
func (f Front) HostPort() string { return net.JoinHostPort(f.Address, strconv.Itoa(f.Port)) }

// Add adds a feed. It fills in what the caller left out: the id from the name,
// the name from the URL, the kind, a colour that is free. The settings are
// changed only if the result is valid.
func (s *Settings) Add(f Feed) (Feed, error) {
	f = s.complete(f)
	next := s.Clone()
	next.Feeds = append(next.Feeds, f)
	if err := next.Validate(); err != nil {
		return Feed{}, err
	}
	*s = next
	return f, nil
}

func (s *Settings) complete(f Feed) Feed {
	f.URL = strings.TrimSpace(f.URL)
	f.Name = strings.TrimSpace(f.Name)
	f.Group = strings.TrimSpace(f.Group)
	if f.Kind == "" {
		f.Kind = source.KindSSE
		if strings.HasPrefix(f.URL, "ws://") || strings.HasPrefix(f.URL, "wss://") {
			f.Kind = source.KindWebSocket
		}
	}
	if f.Kind == source.KindClock && f.Interval == 0 {
		f.Interval = source.DefaultClockInterval
	}
	if f.Name == "" && f.Kind == source.KindSimulator {
		f.Name = s.freeName(titled(f.Scene))
	}
	if f.Name == "" {
		f.Name = s.freeName(nameFromURL(f.URL))
	}
	if f.ID == "" {
		f.ID = s.freeID(slug(f.Name, "feed"))
	}
	if f.Color == 0 {
		f.Color = s.freeColor()
	}
	return f
}
