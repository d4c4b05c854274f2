package simulate

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
)

func webSocketFeeds() []feed {
	return []feed{
		{
			"/ws/coinbase", WebSocket, "", "A ticker of an exchange.",
			`Send {"type":"subscribe","product_ids":["ALBA-USD"],"channels":["ticker","heartbeat"]} within 5 s; products: ` + strings.Join(symbols("-USD"), " ") + ".",
			numericID(firstTrade), (*Server).serveCoinbase,
		},
		{
			"/ws/binance", WebSocket, "", "A miniTicker of an exchange.",
			`?streams=albausdt@miniTicker/… wraps messages in {"stream","data"}; or {"method":"SUBSCRIBE","params":["albausdt@miniTicker"],"id":1}; without either, everything.`,
			(*Server).binanceID, (*Server).serveBinance,
		},
		{
			"/ws/finnhub", WebSocket, "", "Trades in arrays, several in one message.",
			`?token=anything, then {"type":"subscribe","symbol":"ALBA"} for each symbol.`,
			(*Server).finnhubID, (*Server).serveFinnhub,
		},
		{
			"/ws/jetstream", WebSocket, "", "Posts of a social network; identity events come between them.",
			"?cursor=TIME_US resumes after that event.", (*Server).jetstreamID, (*Server).serveJetstream,
		},
		{
			"/ws/homeassistant", WebSocket, "", "States of a home.",
			`Wait for auth_required, send {"type":"auth","access_token":"` + BearerToken + `"}, wait for auth_ok, send {"id":1,"type":"subscribe_events","event_type":"state_changed"}.`,
			(*Server).homeID, (*Server).serveHome,
		},
	}
}

func symbols(suffix string) []string {
	all := make([]string, 0, len(companies))
	for _, c := range companies {
		all = append(all, c.symbol+suffix)
	}
	return all
}

// open is a dialogue of which all parts are optional; the others build on it.
type open struct{}

func (open) greet() [][]byte               { return nil }
func (open) hear([]byte) ([][]byte, error) { return nil, nil }
func (open) ready() bool                   { return true }
func (open) idle() []byte                  { return nil }
func (open) farewell() []byte              { return nil }

// jetstream resumes after the time of an event.
type jetstream struct {
	open
	s *Server
}

// jetstreamID is the time in µs.
func (s *Server) jetstreamID(n uint64) string { return strconv.FormatInt(s.tape.at(n).UnixMicro(), 10) }

func (s *Server) serveJetstream(x *exchange) {
	s.converse(x, &jetstream{s: s}, s.jetstreamAfter(x.r.URL.Query().Get("cursor")))
}

// jetstreamAfter is the event after the one that has this id.
func (s *Server) jetstreamAfter(cursor string) uint64 {
	micros, err := strconv.ParseInt(cursor, 10, 64)
	if err != nil {
		return s.tape.head()
	}
	return s.tape.firstAfter(time.UnixMicro(micros).Add(time.Microsecond - 1))
}

func (d *jetstream) event(n uint64) []byte {
	r, at := dice(d.s.seed, "jetstream", n), d.s.tape.at(n)
	did := fmt.Sprintf("did:plc:%024x", r.Uint64())
	if n%9 == 8 {
		return encode(map[string]any{
			"did": did, "time_us": at.UnixMicro(), "kind": "identity",
			"identity": map[string]any{"did": did, "handle": strings.ToLower(pick(r, givenNames)) + ".example.com", "seq": n, "time": at.UTC()},
		})
	}
	return encode(map[string]any{
		"did": did, "time_us": at.UnixMicro(), "kind": "commit",
		"commit": map[string]any{
			"rev": fmt.Sprintf("3k%011x", n), "operation": "create", "collection": "app.bsky.feed.post", "rkey": fmt.Sprintf("3l%011x", n), "cid": fmt.Sprintf("bafy%016x", r.Uint64()),
			"record": map[string]any{"$type": "app.bsky.feed.post", "text": headline(r.IntN, pick(r, categories)) + " 🦋", "createdAt": at.UTC(), "langs": []string{"en"}},
		},
	})
}

// home has a scripted handshake.
type home struct {
	open
	s            *Server
	authorised   bool
	subscription int64
}

// homeID is the time the event was fired: events of a home have no id of their own.
func (s *Server) homeID(n uint64) string {
	return s.tape.at(n).UTC().Format("2006-01-02T15:04:05.000000-07:00")
}

func (s *Server) serveHome(x *exchange) {
	s.converse(x, &home{s: s}, 0)
}

func (d *home) greet() [][]byte {
	return [][]byte{[]byte(`{"type":"auth_required","ha_version":"2026.11.0"}`)}
}

func (d *home) ready() bool { return d.subscription > 0 }

func (d *home) hear(message []byte) ([][]byte, error) {
	var m struct {
		ID    int64  `json:"id"`
		Type  string `json:"type"`
		Token string `json:"access_token"`
	}
	if err := json.Unmarshal(message, &m); err != nil {
		return nil, errors.New("not JSON")
	}
	switch {
	case !d.authorised && m.Type == "auth" && m.Token == BearerToken:
		d.authorised = true
		return [][]byte{[]byte(`{"type":"auth_ok","ha_version":"2026.11.0"}`)}, nil
	case !d.authorised:
		return [][]byte{[]byte(`{"type":"auth_invalid","message":"Invalid access token or password"}`)}, errors.New("not authorised")
	case m.Type == "ping":
		return [][]byte{encode(map[string]any{"id": m.ID, "type": "pong"})}, nil
	case m.Type == "subscribe_events":
		d.subscription = m.ID
		return [][]byte{encode(map[string]any{"id": m.ID, "type": "result", "success": true, "result": nil})}, nil
	}
	return [][]byte{encode(map[string]any{"id": m.ID, "type": "result", "success": false, "error": map[string]string{"code": "unknown_command"}})}, nil
}

func (d *home) event(n uint64) []byte {
	r, at := dice(d.s.seed, "home", n), d.s.tape.at(n).UTC()
	room := pick(r, []string{"kitchen", "cellar", "porch", "greenhouse"})
	state := decimal(18 + walk(d.s.seed, room, n)/20)
	entity := "sensor." + room + "_temperature"
	return encode(map[string]any{"id": d.subscription, "type": "event", "event": map[string]any{
		"event_type": "state_changed", "origin": "LOCAL", "time_fired": d.s.homeID(n),
		"data": map[string]any{"entity_id": entity, "new_state": map[string]any{
			"entity_id": entity, "state": string(state), "last_changed": at, "attributes": map[string]string{"unit_of_measurement": "°C", "device_class": "temperature"},
		}},
	}})
}
