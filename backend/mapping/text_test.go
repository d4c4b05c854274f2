package mapping

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

func TestPlainTextTakesHTMLOutAndLeavesTheRestAlone(t *testing.T) {
	tests := map[string]struct{ in, want string }{
		"paragraphs":                   {"<p>One\n  two</p>\n<p>three</p>", "One two\nthree"},
		"entities":                     {"Q&amp;A &#8211; &quot;tape&quot; &lt;b&gt;", `Q&A – "tape" <b>`},
		"entities in HTML":             {"<i>Q&amp;A</i>&nbsp;&mdash; x", "Q&A — x"},
		"an entity without semicolon":  {"?a=1&copy=2;3", "?a=1&copy=2;3"},
		"no entity":                    {"R&D; &; &#; & &unknown;", "R&D; &; &#; & &unknown;"},
		"scripts and styles":           {"a<script>alert('<p>')</script><style>p{}</style><b>b</b>", "a\nb"},
		"a script that never ends":     {"a<script>alert(1)", "a"},
		"comments":                     {"a<!-- x -->b", "ab"},
		"a line break":                 {"a<br>b<br/>c", "a\nb\nc"},
		"inline tags don't break":      {"<b>bo</b>ld <em>x</em>", "bold x"},
		"a picture":                    {`<img src="x" onerror="alert(1)">after`, "after"},
		"a picture with words":         {`a<img src="x" alt="two &amp; two">b`, "atwo & twob"},
		"white space around":           {" a \n", "a"},
		"less than":                    {"1 < 2 and I <3 you", "1 < 2 and I <3 you"},
		"type parameters":              {"use Vec<String> or\nMap<K, V>", "use Vec<String> or\nMap<K, V>"},
		"an address":                   {"Ann <ann@example.com>", "Ann <ann@example.com>"},
		"what begins like a tag":       {"ends with <b", "ends with <b"},
		"a tag cut off":                {`<p>a</p><a href="x`, `a` + "\n" + `<a href="x`},
		"lines of plain text stay":     {"one\n  two", "one\n  two"},
		"an unknown tag beside a tag":  {"<b>x</b> <string>", "x <string>"},
		"markup escaped twice is text": {"<p>&lt;script&gt;</p>", "<script>"},
		"nothing but tags":             {"<p></p>", ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, plainText(tt.in)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestTitlesAreOneLine(t *testing.T) {
	for in, want := range map[string]string{
		" a\n b\t<b>c</b> ": "a b c",
		"a  b":              "a b",
		"<p>a</p><p>b</p>":  "a b",
		"plain":             "plain",
	} {
		if got := plainLine(in); got != want {
			t.Errorf("%q became %q, want %q", in, got, want)
		}
	}
}

func FuzzPlainText(f *testing.F) {
	f.Add("<p>a &amp; b</p><script>x</script> 1 < 2 <a href='")
	f.Add("&lt;&#x1F600;&#99999999999;<!--<![CDATA[")
	f.Fuzz(func(t *testing.T, s string) {
		got := plainText(s)
		if len(got) > maxText+len("…") {
			t.Fatalf("%d bytes", len(got))
		}
		if utf8.ValidString(s) && !utf8.ValidString(got) {
			t.Fatalf("%q became %q", s, got)
		}
		if line := plainLine(s); strings.ContainsAny(line, "\r\n\t") {
			t.Fatalf("a title of several lines: %q", line)
		}
	})
}
