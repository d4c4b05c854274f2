package source

import (
	"context"
	"errors"
	"mime"
	"net/http"
	"strings"
	"time"

	"tickertape/backend/sse"
)

// probeAccept asks for a stream where there is a choice.
const probeAccept = "text/event-stream, application/x-ndjson, application/atom+xml, application/rss+xml, application/feed+json, " +
	"application/json;q=0.9, application/xml;q=0.8, text/html;q=0.5, */*;q=0.1"

// reply is an answer of which nobody knows yet what it is.
type reply struct {
	client *client // that asked
	resp   *http.Response
	body   *preview
	kind   string // the media type
	held   time.Duration
}

// ask makes one request to see what answers, and lets the driver of that kind
// read on.
func (p *prober) ask(ctx context.Context, f Feed, follow bool) error {
	// The request ends with its body, what comes after it doesn't.
	asked, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	like := f
	like.ID, like.Name, like.Kind = "probe", "probe", KindPoll
	if err := like.runs(); err != nil {
		return err
	}
	c, err := newClient(f, p.cfg.UserAgent, p.world)
	if err != nil {
		return err
	}
	defer c.close()
	p.step("request", c.method()+" "+maskedURL(f.URL))
	r, err := p.reply(asked, c, f, cancel)
	if wantsUpgrade(err) {
		f.URL, f.Kind = wsURL(f.URL), KindWebSocket
		return p.read(ctx, f, false)
	}
	if err != nil {
		return err
	}
	defer r.body.close()
	if moved := permanent(r.resp); moved != nil && !f.UsesSecret() && !strings.Contains(f.URL, "{{") {
		f.URL = moved.String()
	}
	return p.judge(ctx, r, f, follow)
}

// reply waits for the head of an answer.
func (p *prober) reply(ctx context.Context, c *client, f Feed, cancel context.CancelCauseFunc) (*reply, error) {
	late := time.AfterFunc(p.wait, func() { cancel(errNoHead) })
	defer late.Stop()
	began := time.Now()
	resp, err := c.get(ctx, f.URL, "", probeAccept, nil) //nolint:bodyclose // the preview does
	status, ok := errors.AsType[*sse.StatusError](err)
	if ok && mayAskAgain(f) && (status.Code == http.StatusNotAcceptable || status.Code == http.StatusBadRequest) {
		if other := p.stream(ctx, c, f); other != nil {
			return other, nil
		}
	}
	if cause := context.Cause(ctx); err != nil && errors.Is(cause, errNoHead) {
		return nil, cause
	}
	if err != nil {
		return nil, err
	}
	return newReply(c, resp, func() { cancel(nil) }, time.Since(began)), nil
}

// wantsUpgrade reports whether somebody answers who speaks only WebSocket.
func wantsUpgrade(err error) bool {
	status, ok := errors.AsType[*sse.StatusError](err)
	return ok && (status.Code == http.StatusUpgradeRequired || status.Header.Get("Sec-WebSocket-Version") != "")
}

func newReply(c *client, resp *http.Response, cancel func(), held time.Duration) *reply {
	kind, _, err := mime.ParseMediaType(resp.Header.Get("Content-Type"))
	if err != nil {
		kind, _, _ = strings.Cut(strings.ToLower(resp.Header.Get("Content-Type")), ";")
	}
	return &reply{c, resp, newPreview(resp.Body, c.feed.maxBody(), cancel), strings.TrimSpace(kind), held}
}

// mayAskAgain reports whether a second request, with another Accept header, can
// do no harm, and isn't against the word of the feed's owner.
func mayAskAgain(f Feed) bool {
	for name := range f.Headers {
		if strings.EqualFold(name, "Accept") {
			return false
		}
	}
	return f.Body == "" && (f.Method == "" || f.Method == http.MethodGet)
}

// stream asks once more, for an event stream alone; nil if there is none. Some
// servers want to hear the one word and nothing else.
func (p *prober) stream(ctx context.Context, c *client, f Feed) *reply {
	p.step("request", "again, for an event stream")
	asked, stop := context.WithCancel(ctx)
	late := time.AfterFunc(p.wait/2, stop)
	resp, err := c.get(asked, f.URL, "", "text/event-stream", nil) //nolint:bodyclose // the preview does
	late.Stop()
	if err != nil {
		stop()
		return nil
	}
	r := newReply(c, resp, stop, 0)
	if r.kind != "text/event-stream" {
		r.body.close()
		return nil
	}
	return r
}
