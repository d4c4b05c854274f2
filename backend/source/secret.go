package source

import (
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/tidwall/gjson"
)

// The ways to sign in to a feed's server.
const (
	AuthNone   = "none"
	AuthBasic  = "basic"  // User and Secret
	AuthBearer = "bearer" // Authorization: Bearer Secret
	AuthHeader = "header" // Name: Secret
	AuthQuery  = "query"  // ?Name=Secret
)

// Secret is a password or key. It never prints itself; only JSON of the settings
// file holds it, and what leaves the program otherwise goes through Masked.
type Secret string

// Mask stands in the place of a secret that is not shown.
const Mask = "••••••"

func (s Secret) String() string {
	if s == "" {
		return ""
	}
	return Mask
}

// GoString masks %#v, too.
func (s Secret) GoString() string { return s.String() }

// secretNames are what services call whatever carries a key.
var secretNames = regexp.MustCompile(`(?i)^(.*[-_.])?(key|apikey|token|accesstoken|secret|auth|authorization|password|passwd|pwd|jwt|sig|signature|cookie|session|sessionid)$`)

// UsesSecret reports whether the feed carries a password or a key: in its auth,
// its URL, its proxy's, a header, its body or its script, or in a file that says who it is.
func (f Feed) UsesSecret() bool {
	if f.Auth.Secret != "" || f.ClientCert != "" || urlHasSecret(f.URL) || maskedProxy(f.Proxy) != f.Proxy || textHasSecret(f.Body) {
		return true
	}
	for name, value := range f.Headers {
		if value != "" && secretNames.MatchString(name) {
			return true
		}
	}
	return slices.ContainsFunc(f.Script, func(s Step) bool { return textHasSecret(s.Send) })
}

func urlHasSecret(text string) bool {
	u, err := url.Parse(text)
	if err != nil || u.User != nil {
		return true // better hidden than leaked
	}
	for name := range u.Query() {
		if secretNames.MatchString(name) {
			return true
		}
	}
	return false
}

// textHasSecret looks for a JSON member, or a form's field, that is named like
// a key.
func textHasSecret(text string) bool {
	if gjson.Valid(text) {
		return jsonHasSecret(gjson.Parse(text))
	}
	fields, err := url.ParseQuery(text)
	if err != nil {
		return false
	}
	for name := range fields {
		if secretNames.MatchString(name) {
			return true
		}
	}
	return false
}

func jsonHasSecret(doc gjson.Result) (found bool) {
	doc.ForEach(func(name, value gjson.Result) bool {
		found = (value.Type == gjson.String && secretNames.MatchString(name.Str)) ||
			((value.IsObject() || value.IsArray()) && jsonHasSecret(value))
		return !found
	})
	return found
}

// Masked is the feed as it may be shown: without the passwords and keys of its
// auth, headers and proxy. The URL stays as it is; whoever shows it decides.
func (f Feed) Masked() Feed {
	f = f.Clone()
	if f.Auth.Secret != "" {
		f.Auth.Secret = Mask
	}
	for name, value := range f.Headers {
		if value != "" && secretNames.MatchString(name) {
			f.Headers[name] = Mask
		}
	}
	f.Proxy = maskedProxy(f.Proxy)
	if textHasSecret(f.Body) {
		f.Body = Mask
	}
	for i, step := range f.Script {
		if textHasSecret(step.Send) {
			f.Script[i].Send = Mask
		}
	}
	return f
}

// Unmasked puts what old has where f still shows a mask: f is an edit of
// old.Masked().
func (f Feed) Unmasked(old Feed) Feed {
	f = f.Clone()
	if f.Auth.Secret == Mask {
		f.Auth.Secret = old.Auth.Secret
	}
	for name, value := range f.Headers {
		if value == Mask {
			f.Headers[name] = old.Headers[name]
		}
	}
	f.Proxy = unmaskedProxy(f.Proxy, old.Proxy)
	if f.Body == Mask {
		f.Body = old.Body
	}
	for i, step := range f.Script {
		if step.Send == Mask && i < len(old.Script) {
			f.Script[i].Send = old.Script[i].Send
		}
	}
	return f
}

// sign adds the feed's credentials to a request's header and URL.
func (f Feed) sign(header http.Header, to *url.URL) {
	secret := string(f.Auth.Secret)
	switch f.Auth.Type {
	case AuthBasic:
		r := http.Request{Header: header}
		r.SetBasicAuth(f.Auth.User, secret)
	case AuthBearer:
		header.Set("Authorization", "Bearer "+secret)
	case AuthHeader:
		header.Set(f.Auth.Name, secret)
	case AuthQuery:
		// Not by url.Values, which would sort the others: some servers sign them.
		pair := url.QueryEscape(f.Auth.Name) + "=" + url.QueryEscape(secret)
		to.RawQuery = strings.TrimPrefix(to.RawQuery+"&"+pair, "&")
	}
}
