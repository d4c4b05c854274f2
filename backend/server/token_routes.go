package server

import (
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"time"

	"tickertape/backend/settings"
)

// tokenView is a token as the window sees it: without its hash.
type tokenView struct {
	ID      string    `json:"id"`
	Name    string    `json:"name"`
	Scope   string    `json:"scope"`
	Created time.Time `json:"created"`
	Used    time.Time `json:"used,omitzero"` // last; zero for never
}

func (s *Server) tokenViews(tokens []settings.Token) []tokenView {
	views := make([]tokenView, len(tokens))
	for i, t := range tokens {
		views[i] = tokenView{t.ID, t.Name, t.Scope, t.Created, s.uses.last(t.ID)}
	}
	return views
}

// listTokens is GET /api/tokens.
func (s *Server) listTokens(w http.ResponseWriter, _ *http.Request) error {
	current, _ := s.cfg.Settings.Current()
	return writeJSON(w, http.StatusOK, map[string]any{"tokens": s.tokenViews(current.Tokens)})
}

// createToken is POST /api/tokens, {"name", "scope"}. Its answer has the token
// itself, as "secret": this once, as nothing of it but a hash is kept.
func (s *Server) createToken(w http.ResponseWriter, r *http.Request) error {
	var body struct{ Name, Scope string }
	if err := readJSON(r, &body); err != nil {
		return err
	}
	var made struct {
		tokenView
		Secret string `json:"secret"`
	}
	err := s.update(r, func(next *settings.Settings) error {
		secret, token, err := next.AddToken(body.Name, body.Scope, time.Now())
		made.Secret, made.tokenView = secret, s.tokenViews([]settings.Token{token})[0]
		return err
	})
	if err != nil {
		return err
	}
	return writeJSON(w, http.StatusCreated, made)
}

// revokeToken is DELETE /api/tokens/{id}. Before it answers, the token lets
// nobody in any more; streams that are open by it end.
func (s *Server) revokeToken(w http.ResponseWriter, r *http.Request) error {
	err := s.update(r, func(next *settings.Settings) error {
		i := slices.IndexFunc(next.Tokens, func(t settings.Token) bool { return t.ID == r.PathValue("id") })
		if i < 0 {
			return problem(http.StatusNotFound, "There is no such token: it may have been revoked in the meantime.")
		}
		next.Tokens = slices.Delete(next.Tokens, i, i+1)
		return nil
	})
	if err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// getSharing is GET /api/sharing: who reads at the front door, by how many
// streams, and at which addresses others find it.
func (s *Server) getSharing(w http.ResponseWriter, _ *http.Request) error {
	return writeJSON(w, http.StatusOK, map[string]any{
		"readers": s.readers.Load(), "publishers": s.publishers.Load(), "addresses": s.networkURLs(), "feeds": s.frontFeeds(),
	})
}

// frontFeeds are the ids of the feeds that the front door serves.
func (s *Server) frontFeeds() []string {
	return append([]string{}, s.front.sharing().feeds...)
}

// networkURLs are the addresses of the front door for other computers; none
// where it is open for this one alone.
func (s *Server) networkURLs() []string {
	urls := []string{}
	current, _ := s.cfg.Settings.Current()
	own, err := netip.ParseAddr(current.Front.Address)
	state := s.Front()
	scheme, rest, ok := strings.Cut(state.URL, "://")
	if !ok || err != nil {
		return urls
	}
	at, err := netip.ParseAddrPort(strings.TrimSuffix(rest, "/"))
	if err != nil {
		return urls
	}
	for _, addr := range networkAddrs() {
		if own.IsUnspecified() || own.Unmap() == addr {
			urls = append(urls, scheme+"://"+netip.AddrPortFrom(addr, at.Port()).String()+"/")
		}
	}
	return urls
}

// networkAddrs are the addresses at which others may reach this computer, those
// of IPv4 first: they are shorter to type.
func networkAddrs() []netip.Addr {
	all, err := net.InterfaceAddrs()
	if err != nil {
		return nil // then nobody can be told where it is
	}
	var addrs []netip.Addr
	for _, a := range all {
		prefix, err := netip.ParsePrefix(a.String())
		if err != nil {
			continue
		}
		if addr := prefix.Addr().Unmap(); addr.IsGlobalUnicast() {
			addrs = append(addrs, addr)
		}
	}
	slices.SortStableFunc(addrs, func(a, b netip.Addr) int { return a.BitLen() - b.BitLen() })
	return addrs
}
