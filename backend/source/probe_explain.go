package source

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"syscall"
	"time"

	"github.com/coder/websocket"

	"tickertape/backend/sse"
)

// What keeps a probe from finding a feed.
const (
	ProbeInput        = "input" // it is no address, or has options that can't be
	ProbeCancelled    = "cancelled"
	ProbeNoHost       = "no_host" // DNS knows no such name
	ProbeRefused      = "refused"
	ProbeUnreachable  = "unreachable" // the network is in the way
	ProbeTLS          = "tls"
	ProbeSilent       = "silent" // nothing came in time
	ProbeUnauthorized = "unauthorized"
	ProbeForbidden    = "forbidden"
	ProbeNotFound     = "not_found"
	ProbeGone         = "gone"
	ProbeTooMany      = "too_many_requests"
	ProbeServer       = "server" // it has trouble of its own
	ProbeStatus       = "status" // another answer than 200
	ProbeRedirect     = "redirect"
	ProbePage         = "page" // a web page that isn't and doesn't name one feed
	ProbeTooLarge     = "too_large"
	ProbeUnreadable   = "unreadable"
	ProbeWebSocket    = "websocket" // refused or closed
	ProbeOther        = "other"
)

// nexts say what to do about each.
var nexts = map[string]string{
	ProbeInput:        "Paste the address of a feed, of a page that has one, or a command copied as cURL from a browser.",
	ProbeCancelled:    "Probe it again.",
	ProbeNoHost:       "Check the spelling of the host; if it is right, check that this computer is online.",
	ProbeRefused:      "Start the server, or correct the port in the URL.",
	ProbeUnreachable:  "Check this computer's network, VPN and proxy, then try again.",
	ProbeTLS:          "Correct the host or scheme in the URL; for a server of your own, give its CA file or accept its certificate.",
	ProbeSilent:       "Try again with more time. If the server holds requests until there is news, add the feed as the kind longpoll.",
	ProbeUnauthorized: "Give the feed a user and password, a token or a key.",
	ProbeForbidden:    "Give the feed a key that may read it; some servers also want another User-Agent.",
	ProbeNotFound:     "Open the URL in a browser, and copy the one that answers there.",
	ProbeGone:         "Look on the site for where the feed has moved to.",
	ProbeTooMany:      "Wait a while before the next try.",
	ProbeServer:       "Try again later.",
	ProbeStatus:       "Check the URL, the method and what the server wants to be sent.",
	ProbeRedirect:     "Give the URL that the server redirects to, if you trust it.",
	ProbePage:         "Look on the site for an RSS or Atom feed, an API or an event stream, and give its URL.",
	ProbeTooLarge:     "Look for a smaller list on that server, or raise the limit in the feed's settings.",
	ProbeUnreadable:   "Look in the server's documentation for an event stream, a JSON answer, RSS or a WebSocket.",
	ProbeWebSocket:    "Check the URL; if the server wants to be told what to send, give the feed a script.",
	ProbeOther:        "Check the URL, then try again.",
}

// explain says why there is no feed.
func (p *prober) explain(ctx context.Context, err error) *ProbeError {
	if ctx.Err() != nil && errors.Is(err, context.DeadlineExceeded) {
		err = errNoHead
	}
	code := codeOf(err)
	e := &ProbeError{Code: code, Reason: p.reason(err), Next: nexts[code]}
	if status, ok := errors.AsType[*sse.StatusError](err); ok {
		e.Auth, _, _ = strings.Cut(strings.ToLower(status.Header.Get("WWW-Authenticate")), " ")
		if status.RetryAfter > 0 {
			e.Next = fmt.Sprintf("The server asks to be left alone for %s: try again then.", status.RetryAfter.Round(time.Second))
		}
		switch e.Auth {
		case AuthBasic:
			e.Next = "Give the feed a user and a password."
		case AuthBearer:
			e.Next = "Give the feed a token (Bearer)."
		}
	}
	if several, ok := errors.AsType[*pageError](err); ok && several.feeds > 0 {
		e.Next = "Choose one of them."
	}
	return e
}

// reason is what happened, in a sentence.
func (p *prober) reason(err error) string {
	host := hostOf(p.url)
	wait := p.waited()
	unreadable, isUnreadable := errors.AsType[*unreadableError](err)
	several, isPage := errors.AsType[*pageError](err)
	switch {
	case isUnreadable:
		return unreadable.reason
	case isPage && several.feeds > 0:
		return fmt.Sprintf("This URL is a web page that names %s.", count(several.feeds, "feed", "feeds"))
	case isPage:
		return "This URL is a web page, and names no feed."
	case errors.Is(err, errNoOutline):
		return "The list of feeds (OPML) names none."
	case errors.Is(err, context.Canceled):
		return "The probe was cancelled."
	case errors.Is(err, errNoHead):
		return fmt.Sprintf("%s did not answer within %s.", host, wait)
	case errors.Is(err, errNothingYet):
		return fmt.Sprintf("%s began an answer, but then nothing came for %s.", host, wait)
	case errors.Is(err, errNoBody):
		return "The answer is empty."
	}
	return explain(p.url, err).cause
}

// codeOf classifies what keeps a probe from finding a feed.
func codeOf(err error) string {
	if status, ok := errors.AsType[*sse.StatusError](err); ok {
		return statusCode(status.Code)
	}
	dns, isDNS := errors.AsType[*net.DNSError](err)
	_, isClose := errors.AsType[websocket.CloseError](err)
	switch {
	case isDNS && dns.IsNotFound:
		return ProbeNoHost
	case isA[*optionError](err):
		return ProbeInput
	case isA[*redirectError](err), isA[*sse.RedirectError](err):
		return ProbeRedirect
	case isA[*tooLargeError](err):
		return ProbeTooLarge
	case isA[*handshakeError](err), isA[*scriptError](err), isClose:
		return ProbeWebSocket
	case isA[*pageError](err):
		return ProbePage
	case isA[*unreadableError](err), isA[*feedError](err), isA[*kindError](err), isA[*sse.EncodingError](err),
		errors.Is(err, errNotJSON), errors.Is(err, errNoBody), errors.Is(err, errNoOutline), explainContent(err) != "":
		return ProbeUnreadable
	case errors.Is(err, sse.ErrNoContent):
		return ProbeGone
	case errors.Is(err, errNoHead), errors.Is(err, errNothingYet):
		return ProbeSilent
	case errors.Is(err, context.Canceled):
		return ProbeCancelled
	case explainTLS(err, "") != "", strings.Contains(err.Error(), "malformed HTTP response"):
		return ProbeTLS
	case errors.Is(err, syscall.ECONNREFUSED):
		return ProbeRefused
	case isUnreachable(err), isDNS:
		return ProbeUnreachable
	}
	return ProbeOther
}

func statusCode(code int) string {
	switch {
	case code == 401:
		return ProbeUnauthorized
	case code == 403:
		return ProbeForbidden
	case code == 404:
		return ProbeNotFound
	case code == 410:
		return ProbeGone
	case code == 429:
		return ProbeTooMany
	case code >= 500:
		return ProbeServer
	}
	return ProbeStatus
}

func isA[E error](err error) bool {
	_, ok := errors.AsType[E](err)
	return ok
}

// maskedURL is a URL as it may be shown: without a password, and without the
// values of parameters that are named like keys.
func maskedURL(text string) string {
	base, query, has := strings.Cut(text, "?")
	if scheme, rest, ok := strings.Cut(base, "://"); ok {
		host, _, _ := strings.Cut(rest, "/")
		if at := strings.LastIndexByte(host, '@'); at >= 0 {
			base = scheme + "://" + Mask + rest[at:]
		}
	}
	if !has {
		return base
	}
	pairs := strings.Split(query, "&")
	for i, pair := range pairs {
		if name, value, ok := strings.Cut(pair, "="); ok && value != "" && secretNames.MatchString(name) {
			pairs[i] = name + "=" + Mask
		}
	}
	return base + "?" + strings.Join(pairs, "&")
}
