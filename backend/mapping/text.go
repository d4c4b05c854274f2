package mapping

import (
	"strings"
	"unicode/utf8"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// Bounds of what is shown, in bytes. The payload is kept whole in Event.Data.
const (
	maxText  = 16 << 10
	maxTitle = 1 << 10
)

// cut shortens s to at most n bytes of whole characters and a mark.
func cut(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n] + "…"
}

// plainText is s without HTML: tags of HTML taken out, entities decoded, blocks
// on lines of their own, pictures by what is written for those who can't see them. Text that only looks a little like HTML stays as it is.
func plainText(s string) string {
	if strings.IndexByte(s, '<') >= 0 {
		if text, wasHTML := stripHTML(s); wasHTML {
			return cut(text, maxText)
		}
	}
	return cut(strings.TrimSpace(decodeEntities(s)), maxText)
}

// plainLine is plainText on one line.
func plainLine(s string) string {
	s = plainText(s)
	if strings.ContainsAny(s, "\n\r\t") || strings.Contains(s, "  ") {
		s = strings.Join(strings.Fields(s), " ")
	}
	return cut(strings.TrimSpace(s), maxTitle)
}

// tags are the elements that feeds write, and whether each begins a line. A
// name that is not here is no tag: Vec<String> and <alice@example.com> are text.
var tags = map[atom.Atom]bool{
	atom.A: false, atom.Abbr: false, atom.B: false, atom.Bdi: false, atom.Cite: false, atom.Code: false, atom.Del: false, atom.Em: false,
	atom.Font: false, atom.I: false, atom.Img: false, atom.Ins: false, atom.Kbd: false, atom.Mark: false, atom.Q: false, atom.S: false,
	atom.Small: false, atom.Span: false, atom.Strike: false, atom.Strong: false, atom.Sub: false, atom.Sup: false, atom.Time: false,
	atom.Tt: false, atom.U: false, atom.Var: false, atom.Wbr: false, atom.Td: false, atom.Th: false, atom.Source: false, atom.Picture: false,

	atom.Article: true, atom.Aside: true, atom.Audio: true, atom.Blockquote: true, atom.Body: true, atom.Br: true, atom.Button: true,
	atom.Center: true, atom.Dd: true, atom.Div: true, atom.Dl: true, atom.Dt: true, atom.Figcaption: true, atom.Figure: true, atom.Footer: true,
	atom.Form: true, atom.H1: true, atom.H2: true, atom.H3: true, atom.H4: true, atom.H5: true, atom.H6: true, atom.Head: true, atom.Header: true,
	atom.Hr: true, atom.Html: true, atom.Iframe: true, atom.Li: true, atom.Main: true, atom.Meta: true, atom.Nav: true, atom.Noscript: true,
	atom.Object: true, atom.Ol: true, atom.P: true, atom.Pre: true, atom.Script: true, atom.Section: true, atom.Style: true, atom.Svg: true,
	atom.Table: true, atom.Tbody: true, atom.Thead: true, atom.Title: true, atom.Tr: true, atom.Ul: true, atom.Video: true, atom.Embed: true,
}

// hidden are elements whose content is not for reading. It is raw to the
// tokenizer: no tag is found in it but the one that ends it.
var hidden = map[atom.Atom]bool{atom.Script: true, atom.Style: true, atom.Iframe: true}

// stripHTML takes the tags out of s, and reports whether there were any.
func stripHTML(s string) (text string, wasHTML bool) {
	p := page{z: html.NewTokenizer(strings.NewReader(s))}
	consumed := 0
	for p.out.Len() <= maxText {
		kind := p.z.Next()
		if kind == html.ErrorToken { // the end, perhaps in the middle of what looked like a tag
			p.out.text(s[consumed:])
			break
		}
		source := s[consumed : consumed+len(p.z.Raw())]
		consumed += len(source)
		switch kind {
		case html.TextToken:
			if p.inside == 0 {
				p.out.text(string(p.z.Text()))
			}
		case html.CommentToken, html.DoctypeToken:
			p.isHTML = true
		default:
			p.tag(kind, source)
		}
	}
	return p.out.String(), p.isHTML
}

// page is HTML on its way to text.
type page struct {
	z      *html.Tokenizer
	out    line
	inside atom.Atom // the hidden element that is open
	isHTML bool
}

// tag reads the tag at hand; source is what it looks like.
func (p *page) tag(kind html.TokenType, source string) {
	name, hasAttr := p.z.TagName()
	tag := atom.Lookup(name)
	breaks, known := tags[tag]
	if !known {
		p.out.text(source)
		return
	}
	p.isHTML = true
	if breaks {
		p.out.gap = '\n'
	}
	switch {
	case kind == html.EndTagToken:
		p.inside = 0
	case hidden[tag] && kind == html.StartTagToken:
		p.inside = tag
	case tag == atom.Img && hasAttr:
		p.out.text(alt(p.z))
	}
}

// alt is what a picture's tag says to those who don't see it.
func alt(z *html.Tokenizer) string {
	for {
		name, value, more := z.TagAttr()
		if string(name) == "alt" {
			return string(value)
		}
		if !more {
			return ""
		}
	}
}

// line builds text as a browser would set it: white space is one space, blocks
// begin on a new line.
type line struct {
	strings.Builder
	gap byte // what to write before the next word: 0, a space or a line break
}

func (l *line) text(s string) {
	for s != "" {
		if rest := strings.TrimLeftFunc(s, isSpace); len(rest) < len(s) {
			s = rest
			if l.gap == 0 {
				l.gap = ' '
			}
			continue
		}
		end := strings.IndexFunc(s, isSpace)
		if end < 0 {
			end = len(s)
		}
		if l.gap != 0 && l.Len() > 0 {
			l.WriteByte(l.gap)
		}
		l.gap = 0
		l.WriteString(s[:end])
		s = s[end:]
	}
}

func isSpace(r rune) bool {
	return r == ' ' || r == '\n' || r == '\t' || r == '\r' || r == '\f' || r == '\u00a0'
}

// decodeEntities decodes &amp; and the like in text that has no tags. Unlike in
// HTML the semicolon is needed: ?a=1&copy=2 has no © in it.
func decodeEntities(s string) string {
	if strings.IndexByte(s, '&') < 0 || strings.IndexByte(s, ';') < 0 {
		return s
	}
	var out strings.Builder
	for {
		start := strings.IndexByte(s, '&')
		if start < 0 {
			break
		}
		out.WriteString(s[:start])
		s = s[start:]
		end := entityEnd(s)
		if end == 0 {
			out.WriteByte('&')
			s = s[1:]
			continue
		}
		out.WriteString(html.UnescapeString(s[:end]))
		s = s[end:]
	}
	out.WriteString(s)
	return out.String()
}

// entityEnd is where the entity that s begins with ends, or 0 if it is none.
func entityEnd(s string) int {
	const longest = 33 // &CounterClockwiseContourIntegral;
	for i := 1; i < len(s) && i < longest; i++ {
		switch c := s[i]; {
		case c == ';':
			return i + 1
		case c == '#' && i == 1, c >= '0' && c <= '9', c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z':
		default:
			return 0
		}
	}
	return 0
}
