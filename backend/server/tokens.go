package server

import (
	"context"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"

	"tickertape/backend/settings"
)

var (
	errNeedsToken   = problem(http.StatusUnauthorized, "This needs an access token, sent as 'Authorization: Bearer …'. Make one with: tickertape token create --name NAME --scope read (or publish).")
	errUnknownToken = problem(http.StatusUnauthorized, "This access token is not known here: it may be mistyped, or have been revoked.")
	errReadOnly     = problem(http.StatusForbidden, "This access token may read, but not publish: make one with the scope publish.")
	errPublishOnly  = problem(http.StatusForbidden, "This access token may publish, but not read: make one with the scope read.")
)

// authorize returns the problem of a caller at the front door who may not do
// what scope names. Programs of this computer read without a token; nobody
// publishes without one, as any web page can make a browser post something
// here, but can't make it send a token. A wrong token is refused even where
// none is needed.
func (s *Server) authorize(r *http.Request, scope string) *Problem {
	mayRead := scope == settings.ScopeRead && fromThisComputer(r)
	if !hasToken(r) {
		if mayRead {
			return nil
		}
		return errNeedsToken
	}
	token, known := s.token(r)
	switch {
	case !known:
		return errUnknownToken
	case mayRead || token.Scope == scope:
		s.uses.note(token.ID)
		return nil
	case scope == settings.ScopePublish:
		return errReadOnly
	}
	return errPublishOnly
}

// hasToken reports whether the request carries a token, right or wrong.
func hasToken(r *http.Request) bool {
	return r.Header.Get("Authorization") != "" || queryToken(r) != ""
}

// queryToken is the token of a page of another computer that opens a stream:
// neither EventSource nor WebSocket lets it set a header. Elsewhere a token has
// no place in a URL, which people copy and proxies log.
func queryToken(r *http.Request) string {
	if r.Method == http.MethodGet && (r.URL.Path == "/event_stream" || r.URL.Path == "/ws") && strings.Contains(r.URL.RawQuery, "access_token=") {
		return r.URL.Query().Get("access_token")
	}
	return ""
}

// token is the one that the request carries, if it is known here.
func (s *Server) token(r *http.Request) (token settings.Token, known bool) {
	kind, secret, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	switch {
	case r.Header.Get("Authorization") == "":
		secret = queryToken(r)
	case !strings.EqualFold(kind, "Bearer"):
		return token, false
	}
	current, _ := s.cfg.Settings.Current()
	return current.Token(strings.TrimSpace(secret))
}

// whileAuthorized serves a request that publishes, which may last for days. It
// ends when its token is revoked. (Streams of readers see to that themselves.)
func (s *Server) whileAuthorized(w http.ResponseWriter, r *http.Request, scope string, next http.Handler) {
	ctx, cancel := context.WithCancel(r.Context())
	var watching sync.WaitGroup
	defer watching.Wait()
	defer cancel()
	watching.Go(func() {
		defer cancel()
		for {
			changed := s.cfg.Settings.Changed()
			if s.authorize(r, scope) != nil {
				return
			}
			select {
			case <-changed:
			case <-ctx.Done():
				return
			}
		}
	})
	next.ServeHTTP(w, r.WithContext(ctx))
}

// isPublish reports whether the request is for the one route at the front door
// that doesn't read.
func isPublish(r *http.Request) bool {
	return r.Method == http.MethodPost && strings.HasPrefix(r.URL.Path, "/feeds/")
}

// limitBody bounds what a handler can read of a request. Publishing has its own
// limits: its body may be a stream without an end.
func limitBody(w http.ResponseWriter, r *http.Request) {
	if !isPublish(r) {
		most := int64(maxBody)
		if r.URL.Path == "/api/settings/import" || r.URL.Path == "/api/opml" {
			most = maxImport
		}
		r.Body = &timedBody{ReadCloser: http.MaxBytesReader(w, r.Body, most), control: http.NewResponseController(w)}
	}
}

// timedBody is a body that must be there in bodyTime, once somebody reads it.
type timedBody struct {
	io.ReadCloser
	control *http.ResponseController
	begun   bool
}

// bodyTime is how long a small body may take to come.
const bodyTime = 20 * time.Second

func (b *timedBody) Read(p []byte) (int, error) {
	if !b.begun {
		b.begun = true
		_ = b.control.SetReadDeadline(time.Now().Add(bodyTime)) // not every ResponseWriter of a test has deadlines
	}
	n, err := b.ReadCloser.Read(p)
	if err != nil {
		_ = b.control.SetReadDeadline(time.Time{}) // net/http goes on reading, to see the client go
	}
	return n, err
}
