package source

import (
	"bytes"
	"context"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// maxPage is how much of a web page is searched for feeds, in bytes.
const maxPage = 1 << 20

// page is what a web page says about feeds.
type page struct {
	title string
	feeds []ProbeOffer
	base  *url.URL // what its links are relative to
}

// readPage finds the title of a web page, and the feeds that it links to
// (link elements; the rel values of HTML and of the Mercure protocol).
func readPage(body []byte, at *url.URL) page {
	p := page{base: at}
	tokens := html.NewTokenizer(bytes.NewReader(body))
	for inTitle := false; ; {
		switch kind := tokens.Next(); kind {
		case html.ErrorToken:
			return p
		case html.TextToken:
			if inTitle && p.title == "" {
				p.title = oneLine(string(tokens.Text()))
			}
		case html.StartTagToken, html.SelfClosingTagToken:
			name, hasAttr := tokens.TagName()
			tag := atom.Lookup(name)
			inTitle = tag == atom.Title && kind == html.StartTagToken
			if hasAttr && (tag == atom.Link || tag == atom.Base) {
				p.link(tag, attributes(tokens))
			}
		case html.EndTagToken:
			inTitle = false
		}
	}
}

func attributes(tokens *html.Tokenizer) map[string]string {
	all := map[string]string{}
	for {
		name, value, more := tokens.TagAttr()
		all[string(name)] = string(value)
		if !more {
			return all
		}
	}
}

func (p *page) link(tag atom.Atom, a map[string]string) {
	if tag == atom.Base {
		if base, err := p.base.Parse(a["href"]); err == nil {
			p.base = base
		}
		return
	}
	p.offer(strings.ToLower(a["rel"]), a["type"], a["title"], a["href"])
}

// offer takes a link for what it is.
func (p *page) offer(rel, contentType, title, href string) {
	to, err := p.base.Parse(strings.TrimSpace(href))
	if err != nil || href == "" || (to.Scheme != "http" && to.Scheme != "https") || len(p.feeds) == maxOffers {
		return
	}
	rels := strings.Fields(rel)
	found := ProbeOffer{Title: oneLine(title), URL: to.String()}
	switch kind, _, _ := mime.ParseMediaType(contentType); {
	case slices.Contains(rels, "mercure"):
		found.Kind = KindSSE
		if !to.Query().Has("topic") && !to.Query().Has("match") {
			query := to.Query()
			query.Set("topic", p.base.String())
			to.RawQuery = query.Encode()
			found.URL = to.String()
		}
	case !slices.Contains(rels, "alternate"):
		return
	case kind == "application/rss+xml", kind == "application/atom+xml", kind == "application/feed+json":
		found.Kind = KindRSS
	case kind == "text/event-stream":
		found.Kind = KindSSE
	default:
		return
	}
	if !slices.ContainsFunc(p.feeds, func(o ProbeOffer) bool { return o.URL == found.URL }) {
		p.feeds = append(p.feeds, found)
	}
}

// linkHeader takes the links of an answer's header (RFC 8288).
func (p *page) linkHeader(header http.Header) {
	for _, line := range header.Values("Link") {
		for line != "" {
			start := strings.IndexByte(line, '<')
			end := strings.IndexByte(line, '>')
			if start < 0 || end < start {
				break
			}
			href := line[start+1 : end]
			line = line[end+1:]
			params := line
			if next := strings.Index(line, ",<"); next >= 0 {
				params, line = line[:next], line[next:]
			} else if next := strings.Index(line, ", <"); next >= 0 {
				params, line = line[:next], line[next:]
			} else {
				line = ""
			}
			_, values, err := mime.ParseMediaType("link" + params)
			if err == nil {
				p.offer(strings.ToLower(values["rel"]), values["type"], values["title"], href)
			}
		}
	}
}

// page follows the only feed that a page names, or offers those there are.
func (p *prober) page(ctx context.Context, r *reply, f Feed, body []byte, follow bool) error {
	at := r.resp.Request.URL
	found := readPage(body, at)
	found.linkHeader(r.resp.Header)
	p.step("page", count(len(found.feeds), "feed", "feeds")+" on the page "+found.title)
	feeds := slices.DeleteFunc(found.feeds, func(o ProbeOffer) bool { return o.URL == f.URL })
	p.result.Name = found.title
	if len(feeds) == 0 && mayAskAgain(f) {
		if other := p.stream(ctx, r.client, f); other != nil {
			defer other.body.close()
			return p.judge(ctx, other, f, false)
		}
	}
	if len(feeds) != 1 || !follow {
		p.result.Feeds = append(feeds, p.result.Feeds...)
		return &pageError{len(feeds)}
	}
	next := feeds[0]
	if f.Name == "" && next.Kind != KindRSS {
		f.Name = oneLine(next.Title)
	}
	if !strings.EqualFold(hostOf(next.URL), at.Host) { // the keys are for the page's host
		f.Headers, f.Auth = nil, Auth{}
	}
	f.URL, f.Method, f.Body, f.Kind = next.URL, "", "", map[bool]string{true: KindSSE}[next.Kind == KindSSE]
	p.note("The page " + at.Host + " leads to it.")
	p.step("follow", maskedURL(next.URL))
	followed := context.WithValue(ctx, chainKey{}, chainOf(r.resp.Request.Context()))
	return p.read(followed, f, false)
}

// hubs offers the Mercure hubs that an answer names.
func (p *prober) hubs(r *reply) {
	found := page{base: r.resp.Request.URL}
	found.linkHeader(r.resp.Header)
	for _, offer := range found.feeds {
		if offer.Kind == KindSSE {
			p.result.Feeds = append(p.result.Feeds, offer)
		}
	}
}
