package source

import (
	"encoding/json"
	"net/url"
	"strings"
)

// What a feed's request may have in it.
const (
	cursorMark = "{{cursor}}"
	secretMark = "{{secret}}"
)

// template fills in the cursor and the secret where a feed's request has their
// marks.
type template struct{ cursor, secret string }

// text fills in the marks as escape writes them.
func (t template) text(s string, escape func(string) string) string {
	if !strings.Contains(s, "{{") {
		return s
	}
	return strings.NewReplacer(cursorMark, escape(t.cursor), secretMark, escape(t.secret)).Replace(s)
}

// header fills in a header's value.
func (t template) header(s string) string { return t.text(s, plain) }

// body fills in a request's body or a message. In what looks like JSON the
// values are written as the inside of a string.
func (t template) body(s string) string {
	if first := strings.TrimLeft(s, " \t\r\n"); first != "" && strings.ContainsRune(`{["`, rune(first[0])) {
		return t.text(s, insideJSON)
	}
	return t.text(s, plain)
}

// url fills in a URL. A query parameter whose value is just the mark of a
// cursor that there is none of yet is left out.
func (t template) url(s string) string {
	rest, fragment, hasFragment := strings.Cut(s, "#")
	path, query, hasQuery := strings.Cut(rest, "?")
	out := t.text(path, url.PathEscape)
	if hasQuery {
		var pairs []string
		for pair := range strings.SplitSeq(query, "&") {
			_, value, _ := strings.Cut(pair, "=")
			if value, err := url.QueryUnescape(value); err == nil && value == cursorMark && t.cursor == "" {
				continue
			}
			// An address bar may have escaped the braces.
			pair = strings.NewReplacer("%7B%7B", "{{", "%7D%7D", "}}", "%7b%7b", "{{", "%7d%7d", "}}").Replace(pair)
			pairs = append(pairs, t.text(pair, url.QueryEscape))
		}
		if len(pairs) > 0 {
			out += "?" + strings.Join(pairs, "&")
		}
	}
	if hasFragment {
		out += "#" + fragment
	}
	return out
}

func plain(s string) string { return s }

func insideJSON(s string) string {
	quoted, err := json.Marshal(s)
	if err != nil {
		return "" // can't be: a string always encodes
	}
	return string(quoted[1 : len(quoted)-1])
}
