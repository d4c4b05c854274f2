package source

import (
	"net/url"
	"strings"

	"github.com/tidwall/gjson"
)

// span is where a secret stands in a text, as the text writes it: escapes and
// all, so that what was taken out can be put back byte by byte.
type span struct {
	name     string // of the parameter or member; "" for all of the text
	from, to int
}

// whole is the span of a text that is a secret as it stands.
func whole(text string) []span {
	if !isSecretValue(text) {
		return nil
	}
	return []span{{"", 0, len(text)}}
}

// isSecretValue reports whether what stands where a secret would is one: the
// marks of a template are not.
func isSecretValue(text string) bool {
	return text != "" && !strings.Contains(text, secretMark) && !strings.Contains(text, cursorMark)
}

// urlSecrets finds the password in a URL, and the parameters that are named
// like keys.
func (f Feed) urlSecrets(text string) []span {
	rest, _, _ := strings.Cut(text, "#")
	base, query, has := strings.Cut(rest, "?")
	var spans []span
	if scheme := strings.Index(base, "://"); scheme >= 0 {
		from := scheme + len("://")
		host, _, _ := strings.Cut(base[from:], "/")
		if at := strings.LastIndexByte(host, '@'); at >= 0 {
			spans = append(spans, userSecret(text, from, from+at)...)
		}
	}
	if has {
		spans = append(spans, f.formSecrets(query, len(base)+1)...)
	}
	return spans
}

// userSecret is the password of the part of a URL in front of its @, or all of
// that part where there is none: keys stand there alone.
func userSecret(text string, from, to int) []span {
	name := "user"
	if colon := strings.IndexByte(text[from:to], ':'); colon >= 0 && colon+1 < to-from {
		name, from = "password", from+colon+1
	}
	if !isSecretValue(text[from:to]) {
		return nil
	}
	return []span{{name, from, to}}
}

// proxySecrets is the password in the URL of a proxy.
func proxySecrets(proxy string) []span {
	before, password, _, ok := cutPassword(proxy)
	if !ok || !isSecretValue(password) {
		return nil
	}
	return []span{{"password", len(before), len(before) + len(password)}}
}

// formSecrets finds the fields that are named like keys. The text stands at an
// offset in that which the spans are about.
func (f Feed) formSecrets(text string, offset int) []span {
	var spans []span
	for pair := range strings.SplitAfterSeq(text, "&") {
		field, value, ok := strings.Cut(strings.TrimSuffix(pair, "&"), "=")
		name, err := url.QueryUnescape(field)
		plain, _ := url.QueryUnescape(value) // an address bar may have escaped the braces of a mark
		if ok && err == nil && value != "" && isSecretValue(plain) && f.namesSecret(name) {
			from := offset + len(field) + 1
			spans = append(spans, span{name, from, from + len(value)})
		}
		offset += len(pair)
	}
	return spans
}

// keySecrets is all of a PEM text that holds a private key; a file's path is no
// secret.
func keySecrets(text string) []span {
	if isMask(text) || secretRef.FindString(text) == text || strings.Contains(text, "PRIVATE KEY-----") {
		return whole(text)
	}
	return nil
}

// textSecrets finds the members of JSON, or the fields of a form, that are named
// like keys.
func (f Feed) textSecrets(text string) []span {
	if text == Mask || secretRef.FindString(text) == text {
		return whole(text)
	}
	if gjson.Valid(text) {
		return f.jsonSecrets(text, gjson.Parse(text))
	}
	return f.formSecrets(text, 0)
}

func (f Feed) jsonSecrets(text string, doc gjson.Result) (spans []span) {
	doc.ForEach(func(name, value gjson.Result) bool {
		switch {
		case value.IsObject() || value.IsArray():
			spans = append(spans, f.jsonSecrets(text, value)...)
		case value.Type == gjson.String && f.namesSecret(name.Str) && isSecretValue(value.Str):
			spans = append(spans, span{name.Str, value.Index + 1, value.Index + len(value.Raw) - 1}) // within the quotes
		}
		return true
	})
	return spans
}

// textHasSecret reports whether a body or message carries a key.
func (f Feed) textHasSecret(text string) bool { return len(f.textSecrets(text)) > 0 }
