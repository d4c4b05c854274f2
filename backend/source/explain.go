package source

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"syscall"
	"time"
	"unicode"
	"unicode/utf8"

	"tickertape/backend/sse"
)

// verdict is what an ended connection means for its feed.
type verdict struct {
	state      State         // Retrying, NeedsAuth, Ended or Failed
	cause      string        // a sentence that a person can act on
	retryAfter time.Duration // what upstream asked for; 0 for nothing
	atMost     time.Duration // the longest pause; 0 for any

	unreachable bool // it may be the network that is gone
}

// contentRetry is how long to leave a server alone whose answer was not what
// its feed needs: it may be an error page, but most likely is a wrong URL.
const contentRetry = 2 * time.Minute

// Explain says in a sentence that a person can act on why a connection to a
// feed failed or ended.
func Explain(feedURL string, err error) string { return explain(feedURL, err).cause }

// explain judges the error that a driver ended with.
func explain(feedURL string, err error) verdict {
	host := hostOf(feedURL)
	if v, ok := explainOurs(err, host); ok {
		return v
	}
	if status, ok := errors.AsType[*sse.StatusError](err); ok {
		return explainStatus(status, host)
	}
	if wrong, ok := errors.AsType[*sse.ContentTypeError](err); ok {
		return verdict{state: Failed, cause: explainContentType(wrong)}
	}
	switch {
	case errors.Is(err, sse.ErrNoContent):
		return verdict{state: Ended, cause: "The server has ended this stream for good (204 No Content)."}
	case sse.Permanent(err):
		return verdict{state: Failed, cause: sentence(err.Error())}
	case err == io.EOF: //nolint:errorlint // a wrapped one comes from before the answer
		return verdict{state: Retrying, cause: "The server ended the stream."}
	}
	return verdict{state: Retrying, cause: explainNetwork(err, host), unreachable: isUnreachable(err)}
}

func hostOf(feedURL string) string {
	if u, err := url.Parse(feedURL); err == nil && u.Host != "" {
		return u.Host
	}
	return feedURL
}

// isUnreachable reports whether err says that nobody could be reached, rather
// than that somebody refused.
func isUnreachable(err error) bool {
	dns, isDNS := errors.AsType[*net.DNSError](err)
	return (isDNS && !dns.IsNotFound) || isTimeout(err) || errors.Is(err, errNoPong) ||
		errors.Is(err, syscall.ENETUNREACH) || errors.Is(err, syscall.EHOSTUNREACH) || errors.Is(err, syscall.ENETDOWN)
}

func explainStatus(err *sse.StatusError, host string) verdict {
	v := verdict{state: Failed, retryAfter: err.RetryAfter}
	switch code := err.Code; {
	case code == 401:
		v.state, v.cause = NeedsAuth, fmt.Sprintf("%s wants to know who you are (401 Unauthorized): give the feed a password or key.", host)
		if scheme, _, _ := strings.Cut(err.Header.Get("WWW-Authenticate"), " "); scheme != "" {
			v.cause = fmt.Sprintf("%s wants to know who you are (401 Unauthorized): it asks for %s authentication.", host, scheme)
		}
	case code == 403:
		v.state, v.cause = NeedsAuth, fmt.Sprintf("%s refuses access (403 Forbidden): check that your key or account may read this feed.", host)
	case code == 404:
		v.cause = fmt.Sprintf("%s has nothing at this path (404 Not Found): check the URL.", host)
	case code == 410:
		v.state, v.cause = Ended, "This feed is gone for good (410 Gone)."
	case code == 407:
		v.state, v.cause = NeedsAuth, "The proxy wants to know who you are (407 Proxy Authentication Required): give a user and password in its address."
	case code == 405:
		v.cause = "The server doesn't answer such requests at this URL (405 Method Not Allowed): check the method."
	case code == 429:
		v.state, v.cause = Retrying, fmt.Sprintf("%s asks for fewer requests (429 Too Many Requests).", host)
	case code == 408 || code == 425 || code >= 500:
		v.state, v.cause = Retrying, fmt.Sprintf("%s has trouble of its own (%s).", host, err.Status)
	default:
		v.cause = fmt.Sprintf("%s answered %s instead of events.", host, err.Status)
	}
	return v
}

func explainContentType(err *sse.ContentTypeError) string {
	kind, _, _ := strings.Cut(err.ContentType, ";")
	switch kind = strings.ToLower(strings.TrimSpace(kind)); {
	case kind == "":
		return "The answer doesn't say what it is (no Content-Type), so it is not an event stream."
	case kind == "text/html":
		return "This URL is a web page (text/html), not an event stream: look on that site for the address of its stream."
	case strings.Contains(kind, "json"):
		return fmt.Sprintf("This URL answers with JSON (%s), not an event stream (text/event-stream).", kind)
	case strings.Contains(kind, "xml") || strings.Contains(kind, "rss"):
		return fmt.Sprintf("This URL is an XML document or RSS feed (%s), not an event stream (text/event-stream).", kind)
	}
	return fmt.Sprintf("This URL answers with %s, not an event stream (text/event-stream).", kind)
}

func explainNetwork(err error, host string) string {
	if dns, ok := errors.AsType[*net.DNSError](err); ok {
		if dns.IsNotFound {
			return fmt.Sprintf("There is no host called %s: check the spelling, or your network's name server (DNS).", dns.Name)
		}
		return fmt.Sprintf("The name %s could not be looked up (DNS): check your network.", dns.Name)
	}
	if cause := explainTLS(err, host); cause != "" {
		return cause
	}
	if address, ok := errors.AsType[*net.AddrError](err); ok && strings.HasPrefix(address.Err, "no suitable address") {
		return fmt.Sprintf("%s has no address of the kind that is allowed (IPv6).", host)
	}
	switch {
	case errors.Is(err, syscall.ECONNREFUSED):
		return fmt.Sprintf("Connection refused: nothing listens at %s. Is the server running, and is the port right?", host)
	case errors.Is(err, syscall.ENETUNREACH), errors.Is(err, syscall.EHOSTUNREACH):
		return fmt.Sprintf("There is no way to %s: check your network.", host)
	case errors.Is(err, syscall.ECONNRESET), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, syscall.EPIPE):
		return fmt.Sprintf("The connection to %s was cut.", host)
	case errors.Is(err, io.EOF):
		return fmt.Sprintf("%s closed the connection without an answer.", host)
	case isTimeout(err):
		return fmt.Sprintf("%s did not answer in time.", host)
	case strings.Contains(err.Error(), `malformed HTTP response "\x15\x03`): // net/http has no type for it
		return fmt.Sprintf("%s speaks TLS at this port: begin the URL with https://.", host)
	}
	return sentence(withoutURL(err).Error())
}

func explainTLS(err error, host string) string {
	if _, ok := errors.AsType[tls.RecordHeaderError](err); ok || errors.Is(err, http.ErrSchemeMismatch) {
		return fmt.Sprintf("%s doesn't speak TLS at this port: begin the URL with http://.", host)
	}
	if name, ok := errors.AsType[x509.HostnameError](err); ok {
		return fmt.Sprintf("The certificate of %s was made for another name (TLS): %s.", host, strings.TrimPrefix(name.Error(), "x509: "))
	}
	if _, ok := errors.AsType[x509.UnknownAuthorityError](err); ok {
		return fmt.Sprintf("The certificate of %s comes from an authority that this computer doesn't know (TLS).", host)
	}
	if invalid, ok := errors.AsType[x509.CertificateInvalidError](err); ok {
		if invalid.Reason == x509.Expired {
			return fmt.Sprintf("The certificate of %s has expired or is not valid yet (TLS): check its server, or this computer's clock.", host)
		}
		return fmt.Sprintf("The certificate of %s is not valid (TLS): %s.", host, strings.TrimPrefix(invalid.Error(), "x509: "))
	}
	return explainAlert(err, host)
}

// explainAlert says why one side broke off a TLS handshake. crypto/tls has only
// words for that.
func explainAlert(err error, host string) string {
	text := err.Error()
	remote, isRemote := errors.AsType[*net.OpError](err)
	isRemote = isRemote && remote.Op == "remote error"
	switch {
	case isRemote && (strings.HasSuffix(text, "certificate required") || strings.HasSuffix(text, "bad certificate")):
		return fmt.Sprintf("%s wants a client certificate that it knows (TLS): give the feed one.", host)
	case isRemote && strings.HasSuffix(text, "protocol version not supported"), strings.Contains(text, "server selected unsupported protocol version"):
		return fmt.Sprintf("%s speaks only versions of TLS that are no longer safe (before 1.2).", host)
	case isRemote:
		return fmt.Sprintf("%s broke off the TLS handshake: %s.", host, strings.TrimPrefix(remote.Err.Error(), "tls: "))
	}
	return ""
}

func isTimeout(err error) bool {
	if errors.Is(err, context.DeadlineExceeded) {
		return true
	}
	timeout, ok := errors.AsType[net.Error](err)
	return ok && timeout.Timeout()
}

// withoutURL strips the URL that net/http puts before an error: it may carry a
// key, and says nothing that the feed's name doesn't.
func withoutURL(err error) error {
	if u, ok := errors.AsType[*url.Error](err); ok {
		return u.Err
	}
	return err
}

// sentence makes an error's text one: a capital at the start, a full stop at
// the end.
func sentence(s string) string {
	s = strings.TrimSpace(s)
	if s == "" {
		return s
	}
	first, size := utf8.DecodeRuneInString(s)
	s = string(unicode.ToUpper(first)) + s[size:]
	if last := s[len(s)-1]; last != '.' && last != '!' && last != '?' {
		s += "."
	}
	return s
}
