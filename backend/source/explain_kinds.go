package source

import (
	"compress/flate"
	"compress/gzip"
	"errors"
	"fmt"
	"strings"

	"github.com/coder/websocket"
)

// explainOurs judges the errors of our own drivers.
func explainOurs(err error, host string) (verdict, bool) {
	if option, ok := errors.AsType[*optionError](err); ok {
		return verdict{state: Failed, cause: option.sentence}, true
	}
	if errors.Is(err, errNoSecret) {
		return verdict{state: NeedsAuth, cause: "The feed's password or key is not there, or can't be read where it is kept: enter it in the feed's settings."}, true
	}
	if redirect, ok := errors.AsType[*redirectError](err); ok {
		return verdict{state: Failed, cause: redirect.sentence}, true
	}
	if kind, ok := errors.AsType[*kindError](err); ok {
		return verdict{state: Failed, cause: explainKind(kind)}, true
	}
	if v, ok := explainProxy(err, host); ok {
		return v, true
	}
	if closed, ok := errors.AsType[websocket.CloseError](err); ok {
		return explainClose(closed, host), true
	}
	if step, ok := errors.AsType[*scriptError](err); ok {
		cause := fmt.Sprintf("%s didn't send what step %d of the script waits for (%s).", host, step.step, step.waitFor)
		return verdict{state: Retrying, cause: cause}, true
	}
	if _, ok := errors.AsType[*handshakeError](err); ok {
		return verdict{state: Failed, cause: fmt.Sprintf("%s answered, but not as a WebSocket: check the URL.", host)}, true
	}
	if cause := explainContent(err); cause != "" {
		return verdict{state: Retrying, cause: cause, retryAfter: contentRetry}, true
	}
	switch {
	case errors.Is(err, errNoPong):
		return verdict{state: Retrying, cause: fmt.Sprintf("%s no longer answers: the connection is dead.", host), unreachable: true}, true
	case errors.Is(err, errPlanned):
		return verdict{state: Retrying, cause: "The connection is renewed, as planned once a day."}, true
	case errors.Is(err, errSlept):
		return verdict{state: Retrying, cause: "The computer slept: the connection is renewed.", atMost: together}, true
	}
	return verdict{}, false
}

// explainContent says what is wrong with an answer, or "".
func explainContent(err error) string {
	if large, ok := errors.AsType[*tooLargeError](err); ok {
		if large.unpacked {
			return fmt.Sprintf("The answer unpacks to more than %s: the limit can be raised in the feed's settings.", bytesText(large.limit))
		}
		return fmt.Sprintf("The answer has more than %s: the limit can be raised in the feed's settings.", bytesText(large.limit))
	}
	if _, ok := errors.AsType[*endlessError](err); ok {
		return "The server sends and sends, but the end of an event doesn't come: the connection was ended."
	}
	if wrong, ok := errors.AsType[*feedError](err); ok {
		switch {
		case wrong.html:
			return "This URL is a web page (text/html), not a feed: look on that site for the address of its RSS or Atom feed."
		case strings.Contains(wrong.contentType, "json"):
			return "The answer is JSON, but not a JSON Feed: read it as the kind poll."
		}
		return "The answer is not RSS, Atom or a JSON Feed: its XML is damaged, or it is something else."
	}
	_, corrupt := errors.AsType[flate.CorruptInputError](err)
	switch {
	case errors.Is(err, errNotJSON):
		return "The answer is not JSON, so there are no items to find in it."
	case corrupt, errors.Is(err, gzip.ErrHeader), errors.Is(err, gzip.ErrChecksum):
		return "The answer was sent compressed, but is damaged."
	}
	return ""
}

func explainKind(err *kindError) string {
	switch err.contentType {
	case "text/html":
		return "This URL is a web page (text/html), not lines of JSON."
	case "text/event-stream":
		return "This URL is an event stream (text/event-stream): choose the kind sse."
	}
	return fmt.Sprintf("This URL answers with %s, not with lines of JSON.", err.contentType)
}

// explainClose judges a WebSocket's close code (RFC 6455, section 7.4, and
// IANA's registry).
func explainClose(err websocket.CloseError, host string) verdict {
	v := verdict{state: Retrying}
	reason := ""
	if text := strings.TrimSpace(err.Reason); text != "" {
		reason = ": " + strings.TrimRight(strings.ToValidUTF8(text, "\ufffd"), ".")
	}
	switch code := err.Code; code {
	case websocket.StatusNormalClosure, websocket.StatusNoStatusRcvd:
		v.cause = fmt.Sprintf("%s ended the connection (%d)%s.", host, code, reason)
	case websocket.StatusGoingAway, websocket.StatusServiceRestart:
		v.cause = fmt.Sprintf("%s goes away or restarts (%d)%s.", host, code, reason)
	case websocket.StatusPolicyViolation:
		v.cause = fmt.Sprintf("%s ended the connection for a breach of its rules (%d)%s.", host, code, reason)
	case websocket.StatusTryAgainLater:
		v.cause, v.retryAfter = fmt.Sprintf("%s is overloaded (%d)%s.", host, code, reason), contentRetry/4
	case websocket.StatusInternalError:
		v.cause = fmt.Sprintf("%s has trouble of its own (%d)%s.", host, code, reason)
	case websocket.StatusUnsupportedData, websocket.StatusInvalidFramePayloadData, websocket.StatusProtocolError, websocket.StatusMessageTooBig:
		v.cause = fmt.Sprintf("%s didn't understand what was sent to it (%d)%s: check the feed's script.", host, code, reason)
	case 3000: // Unauthorized
		v.state, v.cause = NeedsAuth, fmt.Sprintf("%s wants to know who you are (%d Unauthorized)%s.", host, code, reason)
	case 3003: // Forbidden
		v.state, v.cause = NeedsAuth, fmt.Sprintf("%s refuses access (%d Forbidden)%s.", host, code, reason)
	default:
		v.cause = fmt.Sprintf("%s ended the connection with a code of its own (%d)%s.", host, code, reason)
	}
	return v
}

// bytesText writes a limit as people do.
func bytesText(n int) string {
	switch {
	case n >= 1<<20 && n%(1<<20) == 0:
		return fmt.Sprintf("%d MiB", n>>20)
	case n >= 1<<10 && n%(1<<10) == 0:
		return fmt.Sprintf("%d KiB", n>>10)
	}
	return fmt.Sprintf("%d bytes", n)
}
