package source

import (
	"cmp"
	"encoding/xml"
	"errors"
	"io"
	"net/url"
	"regexp"
	"strings"
)

// wish is what somebody who pasted something wants to read.
type wish struct {
	feed Feed     // without a kind
	urls []string // to be tried one after the other
	list opml     // instead of these
}

const notAnAddress = "This is not an address of a feed: paste a URL that begins with http:// or https:// (wss:// for a WebSocket), or a curl command."

// urlInText is a URL somewhere in a text.
var urlInText = regexp.MustCompile(`(?i)\b(https?|wss?|feed|webcal)://[^\s"'<>` + "`" + `]+`)

// hostInText is a host, perhaps with a port and a path.
var hostInText = regexp.MustCompile(`^(localhost|\[[0-9a-fA-F:.]+\]|[^\s/?#@:"'<>]+\.[^\s/?#@:."'<>]+|[^\s/?#@:"'<>]+(:\d+))\.?(:\d+)?([/?]\S*)?$`)

// readInput finds out what an input asks for, over what is known of the feed
// already.
func readInput(input string, known Feed) (wish, error) {
	text := strings.TrimSpace(strings.TrimPrefix(input, "\uFEFF"))
	switch {
	case text == "":
		return wish{}, &optionError{"There is nothing to look at: paste the URL of a feed."}
	case strings.HasPrefix(text, "<") && strings.Contains(text, "<opml"):
		list, err := readOPML(strings.NewReader(text))
		return wish{list: list}, err
	case isCurl(text):
		f, err := curlFeed(text, known)
		if err != nil {
			return wish{}, err
		}
		text, known = f.URL, f
	}
	urls := candidates(text)
	if urls == nil {
		return wish{}, &optionError{notAnAddress}
	}
	w := wish{feed: known.Clone()}
	for _, text := range urls {
		u, err := url.Parse(text)
		if err != nil {
			return wish{}, &optionError{urlProblem(text, false)}
		}
		text, _, _ = strings.Cut(text, "#")
		if password, ok := u.User.Password(); ok { // to where it is masked
			w.feed.Auth = Auth{Type: AuthBasic, User: u.User.Username(), Secret: Secret(password)}
			u.User, u.Fragment = nil, ""
			text = u.String()
		}
		w.urls = append(w.urls, text)
	}
	return w, nil
}

// candidates are the URLs that a text may mean.
func candidates(text string) []string {
	lower := strings.ToLower(text)
	switch {
	case strings.HasPrefix(lower, "feed:") && !strings.HasPrefix(lower, "feed://"):
		return candidates(text[len("feed:"):])
	case !strings.ContainsAny(text, " \t\r\n") && hostInText.MatchString(text):
		return []string{"https://" + text, "http://" + text}
	}
	found := urlInText.FindString(text)
	if found == "" {
		return nil
	}
	if found != text { // in a sentence, a link of Markdown, code
		found = strings.TrimRight(found, `.,;:!?)]}*_\`)
	}
	scheme, rest, _ := strings.Cut(found, "://")
	switch strings.ToLower(scheme) {
	case "feed", "webcal":
		return []string{"https://" + rest, "http://" + rest}
	}
	return []string{strings.ToLower(scheme) + "://" + rest}
}

// ProbeOffer is a feed that was found and can be probed itself.
type ProbeOffer struct {
	Title  string `json:"title,omitempty"`
	URL    string `json:"url"`
	Kind   string `json:"kind,omitempty"`
	Preset string `json:"preset,omitempty"` // the id of one of ProbeConfig.Known
}

// opml is a list of feeds (opml.org, version 2.0).
type opml struct {
	title string
	feeds []ProbeOffer
}

// maxOffers bounds what a page or a list can offer.
const maxOffers = 1000

var errNoOutline = errors.New("no feeds in the list")

// readOPML reads a list of feeds. A damaged one is read up to its damage.
func readOPML(in io.Reader) (opml, error) {
	var list opml
	decoder := xml.NewDecoder(in)
	decoder.Strict = false
	decoder.CharsetReader = func(_ string, in io.Reader) (io.Reader, error) { return in, nil } // titles in odd letters are better than none
	for inTitle := false; len(list.feeds) < maxOffers; {
		token, err := decoder.Token()
		if err != nil {
			break
		}
		switch t := token.(type) {
		case xml.StartElement:
			inTitle = t.Name.Local == "title"
			if offer := outline(t); offer.URL != "" {
				list.feeds = append(list.feeds, offer)
			}
		case xml.CharData:
			if inTitle && list.title == "" {
				list.title = oneLine(string(t))
			}
		case xml.EndElement:
			inTitle = false
		}
	}
	if len(list.feeds) == 0 {
		return list, errNoOutline
	}
	return list, nil
}

// outline is the feed that an outline element names, if it does.
func outline(element xml.StartElement) (offer ProbeOffer) {
	if element.Name.Local != "outline" {
		return offer
	}
	text := ""
	for _, a := range element.Attr {
		switch strings.ToLower(a.Name.Local) {
		case "xmlurl":
			offer.URL, offer.Kind = strings.TrimSpace(a.Value), KindRSS
		case "title":
			offer.Title = oneLine(a.Value)
		case "text":
			text = oneLine(a.Value)
		}
	}
	offer.Title = cmp.Or(offer.Title, text)
	return offer
}

// maxName is how long a feed's name can be, in characters.
const maxName = 60

// oneLine makes a title fit for a feed's name.
func oneLine(text string) string {
	text = strings.Join(strings.Fields(strings.ToValidUTF8(text, "\ufffd")), " ")
	if runes := []rune(text); len(runes) > maxName {
		text = strings.TrimSpace(string(runes[:maxName-1])) + "…"
	}
	return text
}

func isWebSocketURL(text string) bool {
	return strings.HasPrefix(text, "ws://") || strings.HasPrefix(text, "wss://")
}

// wsURL is the WebSocket at an http or https URL.
func wsURL(text string) string {
	if rest, ok := strings.CutPrefix(text, "http"); ok {
		return "ws" + rest
	}
	return text
}
