package settings

import (
	"bytes"
	"cmp"
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net/url"
	"slices"
	"strings"

	"golang.org/x/net/html/charset"

	"tickertape/backend/source"
)

// OPML 2.0 (opml.org/spec2.opml) is how programs that read feeds hand lists of
// them on. A group is a folder. Feeds that aren't RSS have their kind for a type
// and their address in url rather than xmlUrl, where other programs would take
// it for a document of RSS.

// maxOutlines bounds what a list can have.
const maxOutlines = 10_000

type opmlDocument struct {
	XMLName xml.Name  `xml:"opml"`
	Version string    `xml:"version,attr"`
	Title   string    `xml:"head>title"`
	Body    []outline `xml:"body>outline"`
}

type outline struct {
	Text     string    `xml:"text,attr"`
	Title    string    `xml:"title,attr,omitempty"`
	Type     string    `xml:"type,attr,omitempty"`
	XMLURL   string    `xml:"xmlUrl,attr,omitempty"`
	URL      string    `xml:"url,attr,omitempty"`
	Outlines []outline `xml:"outline"`
}

// OPML is the list of the feeds that have a URL, with masks for secrets.
func (s Settings) OPML() ([]byte, error) {
	document := opmlDocument{Version: "2.0", Title: "Tickertape"}
	folders := map[string]int{}
	for _, f := range s.Masked().Feeds {
		if f.URL == "" {
			continue
		}
		o := outline{Text: f.Name, Title: f.Name, Type: f.Kind, URL: f.URL}
		if f.Kind == source.KindRSS {
			o.XMLURL, o.URL = f.URL, ""
		}
		if f.Group == "" {
			document.Body = append(document.Body, o)
			continue
		}
		at, known := folders[f.Group]
		if !known {
			at = len(document.Body)
			folders[f.Group] = at
			document.Body = append(document.Body, outline{Text: f.Group})
		}
		document.Body[at].Outlines = append(document.Body[at].Outlines, o)
	}
	data, err := xml.MarshalIndent(document, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("write OPML: %w", err)
	}
	return append([]byte(xml.Header), append(data, '\n')...), nil
}

// OPMLList is a list that was read.
type OPMLList struct {
	Title string
	Feeds []Feed // without ids
}

// ReadOPML reads a list. A damaged one is read up to its damage; one without any
// feed is an error.
func ReadOPML(in io.Reader) (OPMLList, error) {
	r := opmlReader{}
	decoder := xml.NewDecoder(in)
	decoder.Strict = false
	decoder.CharsetReader = charset.NewReaderLabel
	for len(r.list.Feeds) < maxOutlines {
		token, err := decoder.Token()
		if err != nil {
			break
		}
		r.take(token)
	}
	if !r.isOPML || len(r.list.Feeds) == 0 {
		return r.list, Invalid{"opml": "This is no list of feeds: it must be OPML, as feed readers export it."}
	}
	return r.list, nil
}

type opmlReader struct {
	list    OPMLList
	folders []string // of the outlines that are open; "" for those that are none
	isOPML  bool
	inTitle bool
}

func (r *opmlReader) take(token xml.Token) {
	switch t := token.(type) {
	case xml.StartElement:
		r.isOPML = r.isOPML || t.Name.Local == "opml"
		r.inTitle = t.Name.Local == "title"
		if t.Name.Local == "outline" {
			r.open(t)
		}
	case xml.CharData:
		if r.inTitle && r.list.Title == "" {
			r.list.Title = oneLine(string(t))
		}
	case xml.EndElement:
		r.inTitle = false
		if t.Name.Local == "outline" && len(r.folders) > 0 {
			r.folders = r.folders[:len(r.folders)-1]
		}
	}
}

// open takes an outline: a feed, or a folder.
func (r *opmlReader) open(element xml.StartElement) {
	attr := map[string]string{}
	for _, a := range element.Attr {
		attr[strings.ToLower(a.Name.Local)] = strings.TrimSpace(a.Value)
	}
	name, kind := oneLine(cmp.Or(attr["title"], attr["text"])), strings.ToLower(attr["type"])
	address := attr["xmlurl"]
	if address != "" {
		kind = source.KindRSS
	} else if slices.Contains(outside, kind) {
		address = attr["url"]
	}
	if address == "" {
		r.folders = append(r.folders, name)
		return
	}
	group := oneLine(strings.Join(slices.DeleteFunc(slices.Clone(r.folders), func(f string) bool { return f == "" }), " / "))
	r.list.Feeds = append(r.list.Feeds, Feed{Feed: source.Feed{Name: name, Kind: kind, URL: address}, Group: group})
	r.folders = append(r.folders, "")
}

// outside are the kinds of feeds with a URL that an outline's type may name.
var outside = []string{source.KindSSE, source.KindWebSocket, source.KindNDJSON, source.KindPoll, source.KindLongPoll}

// oneLine makes a title fit for a name.
func oneLine(text string) string {
	text = strings.Join(strings.Fields(strings.ToValidUTF8(text, "\ufffd")), " ")
	if runes := []rune(text); len(runes) > 60 {
		text = strings.TrimSpace(string(runes[:59])) + "…"
	}
	return text
}

// OPMLChanges is what a list adds to the feeds, or would.
type OPMLChanges struct {
	Title      string        `json:"title,omitempty"`
	Added      []OPMLOutline `json:"added"`
	Duplicates []OPMLOutline `json:"duplicates"` // left out
	Refused    []OPMLOutline `json:"refused"`    // left out
}

// OPMLOutline is a feed of a list.
type OPMLOutline struct {
	ID     string `json:"id,omitempty"` // that it gets
	Name   string `json:"name"`
	Group  string `json:"group,omitempty"`
	Kind   string `json:"kind"`
	URL    string `json:"url"`              // masked
	Of     string `json:"of,omitempty"`     // of a duplicate: the feed that there is
	Reason string `json:"reason,omitempty"` // of a refused one: a sentence
}

// ImportOPML adds the feeds of a list that aren't there yet, in one save. With
// preview it only says which.
func (s *Store) ImportOPML(ctx context.Context, data []byte, preview bool) (changes OPMLChanges, err error) {
	list, err := ReadOPML(bytes.NewReader(data))
	if err != nil {
		return changes, err
	}
	err = s.Update(ctx, func(next *Settings) error {
		changes = next.addList(list)
		if preview {
			return errPreview
		}
		return nil
	})
	if errors.Is(err, errPreview) {
		err = nil
	}
	return changes, err
}

// addList adds the feeds of a list one by one, without looking at all of the
// settings for each.
func (s *Settings) addList(list OPMLList) OPMLChanges {
	c := OPMLChanges{Title: list.Title, Added: []OPMLOutline{}, Duplicates: []OPMLOutline{}, Refused: []OPMLOutline{}}
	there := map[string]string{} // names by place
	for _, f := range s.Feeds {
		if f.URL != "" {
			there[placeOf(f.URL)] = f.Name
		}
	}
	for _, f := range list.Feeds {
		f.Name = s.freeName(cmp.Or(f.Name, nameFromURL(f.URL)))
		f = s.complete(f)
		o := OPMLOutline{Name: f.Name, Group: f.Group, Kind: f.Kind, URL: f.Masked().URL}
		if problems := f.Problems(); len(problems) > 0 {
			o.Reason = Invalid(problems).Error()
			c.Refused = append(c.Refused, o)
			continue
		}
		if o.Of = there[placeOf(f.URL)]; o.Of != "" {
			c.Duplicates = append(c.Duplicates, o)
			continue
		}
		o.ID = f.ID
		there[placeOf(f.URL)] = f.Name
		s.Feeds = append(s.Feeds, f)
		c.Added = append(c.Added, o)
	}
	return c
}

// placeOf is where a URL leads: the same with http and https, with and without a
// slash at the end.
func placeOf(text string) string {
	u, err := url.Parse(text)
	if err != nil {
		return text
	}
	return strings.ToLower(u.Host) + strings.TrimSuffix(u.EscapedPath(), "/") + "?" + u.RawQuery
}
