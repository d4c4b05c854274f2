package source

import (
	"context"
	"crypto/tls"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"strings"
	"time"
)

// maxMoves bounds the redirects that are remembered.
const maxMoves = 20

// trace tells of the connections of a probe.
func (p *prober) trace() *httptrace.ClientTrace {
	return &httptrace.ClientTrace{
		DNSStart: func(info httptrace.DNSStartInfo) { p.begin("dns " + info.Host) },
		DNSDone: func(info httptrace.DNSDoneInfo) {
			if info.Err == nil && len(info.Addrs) > 0 {
				p.took("dns", "dns", &p.timings.DNS, "the address is "+info.Addrs[0].String())
			}
		},
		ConnectStart: func(_, address string) { p.begin("connect " + address) },
		ConnectDone: func(_, address string, err error) {
			if err == nil {
				p.took("connect "+address, "connect", &p.timings.Connect, "connected to "+address)
			}
		},
		TLSHandshakeStart: func() { p.begin("tls") },
		TLSHandshakeDone: func(state tls.ConnectionState, err error) {
			if err == nil {
				p.took("tls", "tls", &p.timings.TLS, tls.VersionName(state.Version))
			}
		},
		GotFirstResponseByte: p.firstByte,
	}
}

func (p *prober) begin(step string) {
	name, _, _ := strings.Cut(step, " ")
	if name == "dns" {
		step = name
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.pending == nil {
		p.pending = map[string]time.Time{}
	}
	p.pending[step] = time.Now()
}

// took adds how long a step took. Its name may be that of one of several at
// once.
func (p *prober) took(pending, step string, sum *float64, detail string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	began, ok := p.pending[pending]
	if !ok {
		return
	}
	delete(p.pending, pending)
	*sum += milliseconds(time.Since(began))
	p.stepLocked(step, detail)
}

func (p *prober) firstByte() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.timings.FirstByte = milliseconds(time.Since(p.began))
}

// milliseconds are those of d, with one decimal.
func milliseconds(d time.Duration) float64 {
	return float64(d.Round(100*time.Microsecond)/(100*time.Microsecond)) / 10
}

// stash is an answer that was asked for to see what it is, kept for the driver
// that is to read it: a server is asked once.
type stash struct {
	resp *http.Response
	body *preview
}

// ear is what all requests of a probe pass through.
type ear struct {
	p    *prober
	next http.RoundTripper
}

func (p *prober) wrap(next http.RoundTripper) http.RoundTripper { return &ear{p, next} }

func (e *ear) RoundTrip(req *http.Request) (*http.Response, error) {
	e.p.mu.Lock()
	kept := e.p.stash
	e.p.stash = nil
	e.p.mu.Unlock()
	if kept != nil {
		resp := *kept.resp
		resp.Body = stashed{kept.body, req.Context()}
		return &resp, nil
	}
	resp, err := e.next.RoundTrip(req)
	if err == nil {
		e.p.heard(resp, req.URL)
	}
	return resp, err
}

// heard remembers where a redirect leads.
func (p *prober) heard(resp *http.Response, from *url.URL) {
	p.mu.Lock()
	defer p.mu.Unlock()
	location := resp.Header.Get("Location")
	if resp.StatusCode/100 != 3 || location == "" {
		p.stepLocked("answer", strings.TrimSpace(resp.Status+" "+resp.Header.Get("Content-Type")))
		return
	}
	if to, err := from.Parse(location); err == nil && len(p.moves) < maxMoves {
		shown := maskedURL(to.String())
		p.moves = append(p.moves, shown)
		p.stepLocked("redirect", "to "+shown)
	}
}

// stashed is the body of a stash for one request.
type stashed struct {
	body *preview
	ctx  context.Context //nolint:containedctx // a body belongs to its request
}

func (s stashed) Read(b []byte) (int, error) { return s.body.read(s.ctx, b) }

func (s stashed) Close() error {
	s.body.close()
	return nil
}
