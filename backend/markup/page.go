package markup

import (
	"cmp"
	"fmt"
	"net/netip"
	"net/url"
	"regexp"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// Bounds of one page. What is longer is cut, and the page says so.
const (
	maxSource = 1 << 20 // bytes
	maxLinks  = 500
)

// Page is a feed's HTML, made safe.
type Page struct {
	Body   string // HTML of harmless elements; its links lead to places in the page
	Links  []Link // where they would have led, in the order of their numbers
	Images int    // how many pictures there are, shown or not
	Cut    bool   // only the beginning is here
}

// Link is an address in the page. Its number, from 1, stands behind its text
// there.
type Link struct {
	Text string `json:"text"`
	URL  string `json:"url"` // http or https
}

// Render makes the page of a feed's HTML. base is the address that relative
// ones are meant from, or "". Pictures are loaded by who shows the page, so
// that their servers see the reader; without images their descriptions stand
// there instead.
func Render(source, base string, images bool) Page {
	p := page{images: images, numbers: map[string]int{}}
	p.base, _ = url.Parse(base) // nil if it is none
	if len(source) > maxSource {
		source, p.Cut = firstBytes(source, maxSource), true
	}
	body := &html.Node{Type: html.ElementNode, DataAtom: atom.Body, Data: "body"}
	nodes, err := html.ParseFragment(strings.NewReader(policy.Sanitize(source)), body)
	if err != nil { // nested beyond what the parser takes
		nodes = []*html.Node{{Type: html.TextNode, Data: source}}
	}
	for _, n := range nodes {
		body.AppendChild(n)
	}
	p.settle(body)
	var out strings.Builder
	for n := range body.ChildNodes() {
		_ = html.Render(&out, n) // writing to memory doesn't fail, and no element is void with children
	}
	p.Body = out.String()
	return p.Page
}

func firstBytes(s string, n int) string {
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}

// inline is a picture that came with the text. SVG is a document of its own.
var inline = regexp.MustCompile(`^data:image/(png|jpeg|gif|webp|avif);base64,`)

// page is one on its way.
type page struct {
	Page
	base    *url.URL
	images  bool
	numbers map[string]int // of links, by address
}

// settle makes links and pictures under n stay where they are.
func (p *page) settle(n *html.Node) {
	for child := n.FirstChild; child != nil; {
		next := child.NextSibling
		switch child.DataAtom {
		case atom.A:
			p.settle(child)
			p.link(child)
		case atom.Img:
			p.image(child)
		default:
			p.settle(child)
		}
		child = next
	}
}

// link turns a link into one to its address at the end of the page.
func (p *page) link(a *html.Node) {
	to := p.absolute(attribute(a, "href"))
	a.Attr = nil
	if to == nil {
		return
	}
	address := to.String()
	number, known := p.numbers[address]
	if !known {
		if len(p.Links) == maxLinks {
			p.Cut = true
			return
		}
		text := strings.Join(strings.Fields(textOf(a)), " ")
		p.Links = append(p.Links, Link{Text: cmp.Or(firstRunes(text, 200), address), URL: address})
		number = len(p.Links)
		p.numbers[address] = number
	}
	a.Attr = []html.Attribute{{Key: "href", Val: fmt.Sprintf("#link-%d", number)}, {Key: "title", Val: address}}
	mark := &html.Node{Type: html.ElementNode, DataAtom: atom.Sup, Data: "sup"}
	mark.AppendChild(&html.Node{Type: html.TextNode, Data: fmt.Sprint(number)})
	a.AppendChild(mark)
}

// image leaves a picture, or puts its description in its place. One that
// nobody could see is there to count readers, and goes.
func (p *page) image(img *html.Node) {
	source, alt := attribute(img, "src"), attribute(img, "alt")
	invisible := strings.Trim(attribute(img, "width"), "01 ") == "" && attribute(img, "width") != "" ||
		strings.Trim(attribute(img, "height"), "01 ") == "" && attribute(img, "height") != ""
	if !inline.MatchString(source) {
		source = ""
		if to := p.absolute(attribute(img, "src")); to != nil && !isPrivate(to.Hostname()) {
			source = to.String()
		}
	}
	if source == "" || invisible {
		img.Parent.RemoveChild(img)
		return
	}
	p.Images++
	if p.images {
		img.Attr = []html.Attribute{{Key: "src", Val: source}, {Key: "alt", Val: alt}, {Key: "loading", Val: "lazy"}}
		return
	}
	place := &html.Node{Type: html.ElementNode, DataAtom: atom.Span, Data: "span", Attr: []html.Attribute{{Key: "class", Val: "image"}}}
	place.AppendChild(&html.Node{Type: html.TextNode, Data: alt})
	img.Parent.InsertBefore(place, img)
	img.Parent.RemoveChild(img)
}

// absolute is the web address that a reference means; nil if it means none.
func (p *page) absolute(reference string) *url.URL {
	to, err := url.Parse(strings.TrimSpace(reference))
	if err != nil || reference == "" || strings.HasPrefix(reference, "#") {
		return nil
	}
	if p.base != nil {
		to = p.base.ResolveReference(to)
	}
	if (to.Scheme != "http" && to.Scheme != "https") || to.Hostname() == "" {
		return nil
	}
	to.User = nil // https://bank.example@evil.example/ is one of evil.example's
	return to
}

// isPrivate reports whether a host is plainly one of the reader's own network:
// a picture there would be a request that a feed makes inside.
func isPrivate(host string) bool {
	host = strings.TrimSuffix(strings.ToLower(host), ".")
	if addr, err := netip.ParseAddr(host); err == nil {
		addr = addr.Unmap()
		return !addr.IsGlobalUnicast() || addr.IsPrivate() || addr.Is6() && addr.Zone() != ""
	}
	// Browsers also take 2130706433 and 0x7f.1 for addresses.
	last := host[strings.LastIndexByte(host, '.')+1:]
	numeric := last != "" && strings.Trim(last, "0123456789abcdefx") == "" && strings.Trim(last[:1], "0123456789") == ""
	return numeric || !strings.Contains(host, ".") ||
		hasAnySuffix(host, ".localhost", ".local", ".internal", ".lan", ".home", ".home.arpa")
}

func hasAnySuffix(s string, suffixes ...string) bool {
	for _, suffix := range suffixes {
		if strings.HasSuffix(s, suffix) {
			return true
		}
	}
	return false
}

func attribute(n *html.Node, key string) string {
	for _, a := range n.Attr {
		if a.Key == key {
			return a.Val
		}
	}
	return ""
}

func textOf(n *html.Node) string {
	var out strings.Builder
	for d := range n.Descendants() {
		if d.Type == html.TextNode {
			out.WriteString(d.Data)
		}
	}
	return out.String()
}

func firstRunes(s string, n int) string {
	runes := []rune(s)
	if len(runes) <= n {
		return s
	}
	return string(runes[:n]) + "…"
}
