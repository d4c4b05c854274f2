package markup

import (
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"fmt"
	"strings"

	"golang.org/x/net/html"
)

//go:embed page.css
var style string

var styleHash = hashOf(style)

func hashOf(style string) string {
	sum := sha256.Sum256([]byte(style))
	return "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
}

// Policy is the Content-Security-Policy of a page: it may show itself in the
// style given with it, and its pictures if they are wanted, in a frame of one of
// these origins. It has no rights of an origin, wherever it is opened.
func Policy(images bool, frames []string) string {
	pictures := "'none'"
	if images {
		pictures = "http: https: data:"
	}
	return "sandbox; default-src 'none'; style-src " + styleHash + "; img-src " + pictures +
		"; base-uri 'none'; form-action 'none'; frame-ancestors " + strings.Join(frames, " ")
}

// Document is the whole page. theme is "light" or "dark"; anything else leaves
// it to the reader's system.
func (p Page) Document(theme string) string {
	if theme != "light" && theme != "dark" {
		theme = "system"
	}
	var out strings.Builder
	fmt.Fprintf(&out, `<!doctype html><html data-theme="%s"><head><meta charset="utf-8"><meta name="color-scheme" content="light dark">`, theme)
	fmt.Fprintf(&out, "<title>Event</title><style>%s</style></head><body><main>%s</main>", style, p.Body)
	for i, link := range p.Links {
		fmt.Fprintf(&out, `<p class="address" id="link-%d"><b>%d</b> %s</p>`, i+1, i+1, html.EscapeString(link.URL))
	}
	out.WriteString("</body></html>\n")
	return out.String()
}
