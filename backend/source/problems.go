package source

import (
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"golang.org/x/net/http/httpguts"
)

var feedID = regexp.MustCompile(`^[a-z0-9][a-z0-9_-]{0,63}$`)

// problems are sentences by JSON field.
type problems map[string]string

func (p problems) when(wrong bool, field, format string, args ...any) {
	if _, said := p[field]; wrong && !said {
		p[field] = fmt.Sprintf(format, args...)
	}
}

// Problems says what is wrong with the feed, a sentence by JSON field; it is
// empty for a feed that can run.
func (f Feed) Problems() map[string]string {
	p := problems{}
	f = f.settled()
	p.when(!feedID.MatchString(f.ID), "id", "An id is up to 64 lower-case letters, digits, - and _, and begins with a letter or digit.")
	p.when(strings.TrimSpace(f.Name) == "", "name", "Give the feed a name.")
	n := len([]rune(f.Name))
	p.when(n > 60, "name", "A name has at most 60 characters; this one has %d.", n)
	switch f.Kind {
	case KindClock:
		i := time.Duration(f.Interval)
		p.when(i < MinInterval || i > MaxInterval, "interval", "The interval must be between 100 ms and 24 hours.")
	case KindSSE, KindNDJSON, KindWebSocket, KindRSS, KindPoll, KindLongPoll:
		f.outsideProblems(p)
	case KindSimulator:
		f.simulatorProblems(p)
	case KindPush: // wants nothing: others come to it
	default:
		p.when(true, "kind", "There is no kind of feed called %q; use sse, websocket, ndjson, rss, poll, longpoll, push, simulator or clock.", f.Kind)
	}
	return p
}

// standIn stands for a secret that can't be looked at.
const standIn = "x"

// settled is the feed with something in the place of each secret that isn't
// there for now: a locked keyring doesn't make settings invalid.
func (f Feed) settled() Feed {
	f = f.MapTexts(func(text string) string { return secretRef.ReplaceAllString(text, standIn) })
	return f.MapSecrets(func(_, secret string) string {
		if isMask(secret) {
			return standIn
		}
		return secret
	})
}

// outsideProblems are those of a feed that comes from somewhere else.
func (f Feed) outsideProblems(p problems) {
	problem := urlProblem(f.URL, f.Kind == KindWebSocket)
	p.when(problem != "", "url", "%s", problem)
	i := time.Duration(f.Interval)
	p.when(i != 0 && (i < MinPoll || i > MaxInterval), "interval", "The interval must be between 1 second and 24 hours.")
	f.requestProblems(p)
	f.authProblems(p)
	f.scriptProblems(p)
	f.limitProblems(p)
	p.when(f.Cursor.Path != "" && f.Cursor.Header != "", "cursor", "The cursor stands at a path or in a header, not in both.")
	p.when(f.Cursor.Header != "" && f.Kind != KindLongPoll && f.Kind != KindPoll, "cursor", "Only answers to polls can carry the cursor in a header.")
	p.when(!slices.Contains([]string{"", DeltaFirebase}, f.Delta) || (f.Delta != "" && f.Kind != KindSSE),
		"delta", "The only document to follow by its changes is \"firebase\", over sse.")
	f.connectionProblems(p)
	p.when(!isFileOrPEM(f.ClientCert), "clientCert", "Give the whole path of the client certificate's file, or its text in PEM form.")
	p.when(!isFileOrPEM(f.ClientKey), "clientKey", "Give the whole path of the key's file, or its text in PEM form.")
	p.when(f.ClientKey != "" && f.ClientCert == "", "clientCert", "The key goes with a client certificate: give that, too.")
}

// ours are headers that a feed's connection sets by itself.
var ours = []string{"Accept-Encoding", "Connection", "Content-Length", "Transfer-Encoding", "Upgrade", "Te", "Trailer"}

func (f Feed) requestProblems(p problems) {
	p.when(f.Method != "" && !httpguts.ValidHeaderFieldName(f.Method), "method", "A method is a word such as GET or POST.")
	p.when(f.Kind == KindWebSocket && (f.Method != "" || f.Body != ""), "method", "A WebSocket has no method and no body: say what to send in its script.")
	p.when(f.Body != "" && (f.Method == http.MethodGet || f.Method == http.MethodHead), "body", "A %s request has no body.", f.Method)
	for name, value := range f.Headers {
		p.when(!httpguts.ValidHeaderFieldName(name), "headers", "A header's name has only letters, digits and hyphens.")
		p.when(!httpguts.ValidHeaderFieldValue(value), "headers", "The value of the header %s has characters that can't be sent.", name)
		p.when(slices.Contains(ours, http.CanonicalHeaderKey(name)), "headers", "The header %s is set by Tickertape itself.", name)
	}
	p.when(!httpguts.ValidHeaderFieldValue(f.UserAgent), "userAgent", "The user agent has characters that can't be sent.")
}

func (f Feed) authProblems(p problems) {
	a := f.Auth
	switch a.Type {
	case "", AuthNone:
	case AuthBasic, AuthBearer:
		p.when(a.Secret == "", "auth", "Give the password or token to sign in with.")
	case AuthHeader:
		p.when(!httpguts.ValidHeaderFieldName(a.Name), "auth", "Give the name of the header that carries the key.")
		p.when(a.Secret == "", "auth", "Give the key to send.")
	case AuthQuery:
		p.when(a.Name == "", "auth", "Give the name of the query parameter that carries the key.")
		p.when(a.Secret == "", "auth", "Give the key to send.")
	default:
		p.when(true, "auth", "There is no way to sign in called %q; use none, basic, bearer, header or query.", a.Type)
	}
	p.when(a.Secret == "" && f.marksSecret(), "auth", "The feed has the mark {{secret}}, but no secret.")
	p.when(!httpguts.ValidHeaderFieldValue(string(a.Secret)+a.User), "auth", "The key has characters that can't be sent.")
}

func (f Feed) marksSecret() bool {
	texts := append(slices.Collect(maps.Values(f.Headers)), f.URL, f.Body)
	for _, step := range f.Script {
		texts = append(texts, step.Send)
	}
	return strings.Contains(strings.Join(texts, "\n"), secretMark)
}

func (f Feed) scriptProblems(p problems) {
	webSocket := f.Kind == KindWebSocket
	p.when(!webSocket && len(f.Script) > 0, "script", "Only a WebSocket has a script.")
	p.when(!webSocket && len(f.Subprotocols) > 0, "subprotocols", "Only a WebSocket has subprotocols.")
	for i, step := range f.Script {
		p.when(step == Step{}, "script", "Step %d of the script neither waits nor sends.", i+1)
	}
	for _, name := range f.Subprotocols {
		p.when(!httpguts.ValidHeaderFieldName(name), "subprotocols", "A subprotocol is a word without spaces; %q isn't.", name)
	}
}

func (f Feed) limitProblems(p problems) {
	for field, n := range map[string]int{"maxEvent": f.MaxEvent, "maxBody": f.MaxBody} {
		p.when(n != 0 && (n < 1<<10 || n > mostBytes), field, "The limit must be between 1024 and %d bytes.", mostBytes)
	}
	p.when(f.MaxItems < 0 || f.MaxItems > 100_000, "maxItems", "The limit must be between 1 and 100000 items.")
	p.when(f.MaxRedirects < 0 || f.MaxRedirects > 20, "maxRedirects", "The limit must be between 1 and 20 redirects.")
}

func urlProblem(text string, webSocket bool) string {
	if strings.TrimSpace(text) == "" {
		return "Paste the URL of the feed."
	}
	u, err := url.Parse(text)
	switch {
	case err != nil:
		// Not Go's own words: they quote what may be a password.
		return "This is not a URL: look for spaces, brackets or a port that is not a number."
	case u.Scheme == "" || (u.Host == "" && u.Opaque != ""):
		return "A URL begins with http:// or https://."
	case u.Hostname() == "":
		return "The URL names no host."
	case u.Scheme == "http" || u.Scheme == "https":
		return ""
	case u.Scheme == "ws" || u.Scheme == "wss":
		if webSocket {
			return ""
		}
		return fmt.Sprintf("A URL that begins with %s:// is a WebSocket's: choose that kind.", u.Scheme)
	case webSocket:
		return fmt.Sprintf("A WebSocket's URL begins with wss:// or ws://, not %s://.", u.Scheme)
	}
	return fmt.Sprintf("Feeds are read over http:// or https://, not %s://.", u.Scheme)
}
