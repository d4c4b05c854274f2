package source

import (
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// The ways to sign in to a feed's server.
const (
	AuthNone   = "none"
	AuthBasic  = "basic"  // User and Secret
	AuthBearer = "bearer" // Authorization: Bearer Secret
	AuthHeader = "header" // Name: Secret
	AuthQuery  = "query"  // ?Name=Secret
)

// Secret is a password or key. It never prints itself. What leaves the program
// goes through Feed.Masked, and the settings file holds a reference in its place
// (SecretRef).
type Secret string

// Mask stands in the place of a secret that is not shown, or not there.
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

// secretRef is a reference, which stands in the settings file where a secret
// would.
var secretRef = regexp.MustCompile(`\{\{secret:([a-z0-9]+)\}\}`)

// SecretRef is the reference to the secret with this id.
func SecretRef(id string) string { return "{{secret:" + id + "}}" }

// SecretRefs are the ids of the secrets that the feed refers to.
func (f Feed) SecretRefs() []string {
	var ids []string
	f.MapTexts(func(text string) string {
		for _, ref := range secretRef.FindAllStringSubmatch(text, -1) {
			ids = append(ids, ref[1])
		}
		return text
	})
	return ids
}

// Resolved is the feed with the secrets that it refers to. A reference to one
// that isn't in values stays.
func (f Feed) Resolved(values map[string]string) Feed {
	return f.MapTexts(func(text string) string {
		return secretRef.ReplaceAllStringFunc(text, func(ref string) string {
			if value, ok := values[secretRef.FindStringSubmatch(ref)[1]]; ok {
				return value
			}
			return ref
		})
	})
}

// IsSecretHeld reports whether a secret is one: neither a mask nor a reference
// in its place.
func IsSecretHeld(secret string) bool {
	return secret != "" && !isMask(secret) && !secretRef.MatchString(secret)
}

// isMask reports whether a text is the mask, perhaps as a URL writes it.
func isMask(text string) bool {
	plain, err := url.QueryUnescape(text)
	return text == Mask || (err == nil && plain == Mask)
}

// LacksSecret reports whether a secret of the feed isn't there: it can't run
// before somebody gives it again.
func (f Feed) LacksSecret() bool {
	lacks := false
	f.MapSecrets(func(_, secret string) string {
		lacks = lacks || !IsSecretHeld(secret)
		return secret
	})
	proxy, _ := f.proxy()
	return lacks || len(f.SecretRefs()) > 0 || secretRef.MatchString(proxy)
}

// UsesSecret reports whether the feed carries a password or a key: in its auth,
// its URL, its proxy's, a header, its body or its script, or in a file that says who it is.
func (f Feed) UsesSecret() bool {
	for _, address := range []string{f.URL, f.Proxy} {
		if _, err := url.Parse(address); err != nil {
			return true // better hidden than leaked
		}
	}
	uses := f.ClientCert != ""
	f.MapSecrets(func(_, secret string) string {
		uses = true
		return secret
	})
	return uses
}

// Masked is the feed as it may be shown: without its passwords and keys.
func (f Feed) Masked() Feed {
	return f.MapSecrets(func(string, string) string { return Mask })
}

// Unmasked puts what old has where f still shows a mask: f is an edit of
// old.Masked().
func (f Feed) Unmasked(old Feed) Feed {
	before := old.Secrets()
	f.Proxy = unmaskedProxy(f.Proxy, old.Proxy)
	delete(before, "proxy.password") // it goes to no other proxy
	return f.MapSecrets(func(place, secret string) string {
		if was, ok := before[place]; ok && isMask(secret) {
			return was
		}
		return secret
	})
}

// GoesWhere reports whether the feed's requests go where those of another one go, as
// safely: only then may an edit by somebody else be given the secrets of that.
func (f Feed) GoesWhere(other Feed) bool {
	a, errA := url.Parse(f.settled().URL)
	b, errB := url.Parse(other.settled().URL)
	return errA == nil && errB == nil && a.Scheme == b.Scheme && strings.EqualFold(a.Host, b.Host) &&
		f.Masked().Proxy == other.Masked().Proxy && f.CA == other.CA && (other.Insecure || !f.Insecure)
}

// Secrets are the feed's secrets by the places where they stand.
func (f Feed) Secrets() map[string]string {
	all := map[string]string{}
	f.MapSecrets(func(place, secret string) string {
		all[place] = secret
		return secret
	})
	return all
}

// MapTexts is the feed with each text changed that may have a secret in it.
func (f Feed) MapTexts(change func(text string) string) Feed {
	return f.edit(func(_, text string, _ []span) string { return change(text) })
}

// MapSecrets is the feed with each of its secrets replaced. A place is where
// one stands, such as auth.secret, url.token or headers.Cookie; no two are
// the same.
func (f Feed) MapSecrets(replace func(place, secret string) string) Feed {
	return f.edit(func(place, text string, spans []span) string {
		var out strings.Builder
		done, seen := 0, map[string]int{}
		for _, s := range spans {
			at := place
			if s.name != "" {
				at += "." + s.name
			}
			if seen[at]++; seen[at] > 1 {
				at += "#" + strconv.Itoa(seen[at])
			}
			out.WriteString(text[done:s.from])
			out.WriteString(replace(at, text[s.from:s.to]))
			done = s.to
		}
		return out.String() + text[done:]
	})
}

// edit is the feed with each text that may have secrets in it changed, and told
// where they are.
func (f Feed) edit(change func(place, text string, secrets []span) string) Feed {
	f = f.Clone()
	f.Auth.Secret = Secret(change("auth.secret", string(f.Auth.Secret), whole(string(f.Auth.Secret))))
	f.URL = change("url", f.URL, f.urlSecrets(f.URL))
	f.Proxy = change("proxy", f.Proxy, proxySecrets(f.Proxy))
	f.Body = change("body", f.Body, f.textSecrets(f.Body))
	f.ClientCert = change("clientCert", f.ClientCert, keySecrets(f.ClientCert))
	f.ClientKey = change("clientKey", f.ClientKey, keySecrets(f.ClientKey))
	for name, value := range f.Headers {
		var secrets []span
		if f.namesSecret(name) {
			secrets = whole(value)
		}
		f.Headers[name] = change("headers."+name, value, secrets)
	}
	for i, step := range f.Script {
		f.Script[i].Send = change("script."+strconv.Itoa(i), step.Send, f.textSecrets(step.Send))
	}
	return f
}

// namesSecret reports whether what has this name is a secret: by what services
// call theirs, or because the feed's owner said so.
func (f Feed) namesSecret(name string) bool {
	return secretNames.MatchString(name) ||
		slices.ContainsFunc(f.SecretNames, func(own string) bool { return strings.EqualFold(own, name) })
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
