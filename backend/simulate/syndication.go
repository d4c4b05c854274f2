package simulate

import (
	"encoding/xml"
	"time"
)

const (
	newsroomTitle = "The Simulated Gazette"
	newsroomURL   = "https://example.com/"
)

func syndicationFeeds() []feed {
	const use = "If-None-Match or If-Modified-Since is answered with 304. Stories are edited: same id, new content. ?age=SECONDS to be asked more often."
	return []feed{
		{"/rss", Syndication, "application/rss+xml; charset=utf-8", "News as RSS 2.0, with a ttl.", use, (*Server).storyID, (*Server).serveRSS},
		{"/atom", Syndication, "application/atom+xml; charset=utf-8", "News as Atom.", use, (*Server).storyID, (*Server).serveAtom},
		{"/jsonfeed", Syndication, "application/feed+json; charset=utf-8", "News as JSON Feed 1.1.", use, (*Server).storyID, (*Server).serveJSONFeed},
	}
}

type rss struct {
	XMLName xml.Name   `xml:"rss"`
	Version string     `xml:"version,attr"`
	Channel rssChannel `xml:"channel"`
}

type rssChannel struct {
	Title       string    `xml:"title"`
	Link        string    `xml:"link"`
	Description string    `xml:"description"`
	TTL         int       `xml:"ttl"` // minutes
	Items       []rssItem `xml:"item"`
}

type rssItem struct {
	Title       string  `xml:"title"`
	Link        string  `xml:"link"`
	Description string  `xml:"description"`
	Category    string  `xml:"category"`
	GUID        rssGUID `xml:"guid"`
	Published   string  `xml:"pubDate"`
}

type rssGUID struct {
	IsPermaLink bool   `xml:"isPermaLink,attr"`
	ID          string `xml:",chardata"`
}

func (s *Server) serveRSS(x *exchange) {
	head := s.tape.head()
	channel := rssChannel{Title: newsroomTitle, Link: newsroomURL, Description: "All the news that never happened.", TTL: x.cacheFor(60) / 60}
	for _, n := range s.latest(head) {
		st := s.storyOf(n)
		channel.Items = append(channel.Items, rssItem{
			Title: st.Title, Link: st.URL, Description: "<p>" + st.Summary + "</p>", Category: st.Category,
			GUID: rssGUID{ID: st.ID}, Published: st.Published.Format(time.RFC1123Z),
		})
	}
	s.document(x, head, encodeXML(rss{Version: "2.0", Channel: channel}))
}

type atomFeed struct {
	XMLName xml.Name    `xml:"http://www.w3.org/2005/Atom feed"`
	ID      string      `xml:"id"`
	Title   string      `xml:"title"`
	Link    atomLink    `xml:"link"`
	Updated string      `xml:"updated"`
	Entries []atomEntry `xml:"entry"`
}

type atomLink struct {
	Href string `xml:"href,attr"`
}

type atomEntry struct {
	ID        string   `xml:"id"`
	Title     string   `xml:"title"`
	Link      atomLink `xml:"link"`
	Published string   `xml:"published"`
	Updated   string   `xml:"updated"`
	Author    string   `xml:"author>name"`
	Summary   string   `xml:"summary"`
}

func (s *Server) serveAtom(x *exchange) {
	head := s.tape.head()
	f := atomFeed{
		ID: "tag:example.com,2026:gazette", Title: newsroomTitle, Link: atomLink{newsroomURL},
		Updated: s.tape.at(max(head, 1) - 1).UTC().Format(time.RFC3339),
	}
	for _, n := range s.latest(head) {
		st := s.storyOf(n)
		f.Entries = append(f.Entries, atomEntry{
			ID: st.ID, Title: st.Title, Link: atomLink{st.URL}, Author: st.Author, Summary: st.Summary,
			Published: st.Published.Format(time.RFC3339), Updated: s.tape.at(n).UTC().Format(time.RFC3339),
		})
	}
	x.cacheFor(60)
	s.document(x, head, encodeXML(f))
}

func (s *Server) serveJSONFeed(x *exchange) {
	head := s.tape.head()
	items := []any{}
	for _, n := range s.latest(head) {
		st := s.storyOf(n)
		items = append(items, map[string]any{
			"id": st.ID, "url": st.URL, "title": st.Title, "content_text": st.Summary, "tags": []string{st.Category},
			"authors":        []map[string]string{{"name": st.Author}},
			"date_published": st.Published, "date_modified": s.tape.at(n).UTC(),
		})
	}
	x.cacheFor(60)
	s.document(x, head, encode(map[string]any{
		"version": "https://jsonfeed.org/version/1.1", "title": newsroomTitle, "home_page_url": newsroomURL, "items": items,
	}))
}

// encodeXML writes v as a document, an element a line.
func encodeXML(v any) []byte {
	body, err := xml.MarshalIndent(v, "", "  ")
	if err != nil {
		panic(err) // only our own structs come here: a mistake in this package
	}
	return append([]byte(xml.Header), append(body, '\n')...)
}
