package simulate

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

var errPlanned = errors.New("planned close")

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

const firstTrade = 40_000_000_000

// coinbase wants a subscription and sends a heartbeat when it is quiet.
type coinbase struct {
	open
	s        *Server
	products []string
	channels []string
}

func (s *Server) serveCoinbase(x *exchange) {
	s.converse(x, &coinbase{s: s}, 0, false)
}

func (d *coinbase) ready() bool { return len(d.products) > 0 }

func (d *coinbase) hear(message []byte) ([][]byte, error) {
	var m struct {
		Type     string   `json:"type"`
		Products []string `json:"product_ids"`
		Channels []string `json:"channels"`
	}
	if json.Unmarshal(message, &m) != nil || m.Type != "subscribe" {
		return [][]byte{encode(map[string]string{"type": "error", "message": "Malformed JSON or unknown type"})}, nil
	}
	for _, p := range m.Products {
		if !slices.Contains(symbols("-USD"), p) {
			return [][]byte{encode(map[string]string{"type": "error", "message": "Failed to subscribe", "reason": p + " is not a valid product"})}, nil
		}
	}
	d.products, d.channels = append(d.products, m.Products...), append(d.channels, m.Channels...)
	var channels []any
	for _, c := range d.channels {
		channels = append(channels, map[string]any{"name": c, "product_ids": d.products})
	}
	return [][]byte{encode(map[string]any{"type": "subscriptions", "channels": channels})}, nil
}

func (d *coinbase) event(n uint64) []byte {
	t := tradeAt(d.s.seed, n, d.s.tape.at(n))
	product := t.Symbol + "-USD"
	if !slices.Contains(d.products, product) || !slices.Contains(d.channels, "ticker") {
		return nil
	}
	return encode(map[string]any{
		"type": "ticker", "sequence": firstTrade + n, "product_id": product, "price": string(t.Price), "time": t.Time,
		"open_24h": string(t.Price), "volume_24h": strconv.Itoa(t.Volume * 1000), "best_bid": string(t.Price), "best_ask": string(t.Price),
		"side": []string{"buy", "sell"}[n%2], "trade_id": n, "last_size": strconv.Itoa(t.Volume),
	})
}

func (d *coinbase) idle() []byte {
	if !slices.Contains(d.channels, "heartbeat") {
		return nil
	}
	head := d.s.tape.head()
	return encode(map[string]any{
		"type": "heartbeat", "sequence": firstTrade + head, "last_trade_id": head, "product_id": d.products[0], "time": d.s.tape.now().UTC(),
	})
}

// binance needs no subscription when the URL names streams, or none.
type binance struct {
	open
	s       *Server
	streams []string // none means all
	wrapped bool
}

func (s *Server) binanceID(n uint64) string { return strconv.FormatInt(s.tape.at(n).UnixMilli(), 10) }

func (s *Server) serveBinance(x *exchange) {
	d := &binance{s: s}
	if streams := x.r.URL.Query().Get("streams"); streams != "" {
		d.streams, d.wrapped = strings.Split(streams, "/"), true
	}
	s.converse(x, d, s.tape.head(), true)
}

func (d *binance) hear(message []byte) ([][]byte, error) {
	var m struct {
		Method string   `json:"method"`
		Params []string `json:"params"`
		ID     any      `json:"id"`
	}
	if json.Unmarshal(message, &m) != nil || m.Method != "SUBSCRIBE" {
		return [][]byte{encode(map[string]any{"error": map[string]any{"code": 2, "msg": "Invalid request"}, "id": m.ID})}, nil
	}
	d.streams = append(d.streams, m.Params...)
	return [][]byte{encode(map[string]any{"result": nil, "id": m.ID})}, nil
}

func (d *binance) event(n uint64) []byte {
	t := tradeAt(d.s.seed, n, d.s.tape.at(n))
	stream := strings.ToLower(t.Symbol) + "usdt@miniTicker"
	if len(d.streams) > 0 && !slices.Contains(d.streams, stream) {
		return nil
	}
	price := string(t.Price)
	data := map[string]any{
		"e": "24hrMiniTicker", "E": t.Time.UnixMilli(), "s": t.Symbol + "USDT",
		"c": price, "o": price, "h": price, "l": price, "v": strconv.Itoa(t.Volume * 100), "q": strconv.Itoa(t.Volume * 1000),
	}
	if d.wrapped {
		return encode(map[string]any{"stream": stream, "data": data})
	}
	return encode(data)
}

func (d *binance) farewell() []byte {
	return encode(map[string]any{"e": "serverShutdown", "E": d.s.tape.now().UnixMilli()})
}

// finnhub sends arrays: the trades of two events make one message.
type finnhub struct {
	open
	s       *Server
	symbols []string
}

// finnhubID is the time of the trade in ms, the only thing that tells trades apart.
func (s *Server) finnhubID(n uint64) string { return s.binanceID(n) }

func (s *Server) serveFinnhub(x *exchange) {
	if x.r.URL.Query().Get("token") == "" {
		http.Error(x, `{"error":"Please use an API key."}`, http.StatusUnauthorized)
		return
	}
	s.converse(x, &finnhub{s: s}, 0, false)
}

func (d *finnhub) ready() bool { return len(d.symbols) > 0 }

func (d *finnhub) hear(message []byte) ([][]byte, error) {
	var m struct{ Type, Symbol string }
	if json.Unmarshal(message, &m) == nil && m.Type == "subscribe" {
		d.symbols = append(d.symbols, m.Symbol)
		return nil, nil
	}
	return [][]byte{encode(map[string]string{"type": "error", "msg": "Unknown message"})}, nil
}

func (d *finnhub) event(n uint64) []byte {
	if n%2 == 0 {
		return nil
	}
	var trades []any
	for _, i := range []uint64{n - 1, n} {
		t := tradeAt(d.s.seed, i, d.s.tape.at(i))
		if slices.Contains(d.symbols, t.Symbol) {
			trades = append(trades, map[string]any{"c": []string{"1"}, "p": t.Price, "s": t.Symbol, "t": t.Time.UnixMilli(), "v": t.Volume})
		}
	}
	if trades == nil {
		return nil
	}
	return encode(map[string]any{"data": trades, "type": "trade"})
}

func (d *finnhub) idle() []byte { return []byte(`{"type":"ping"}`) }

// jetstream resumes after the time of an event.
type jetstream struct {
	open
	s *Server
}

// jetstreamID is the time in µs.
func (s *Server) jetstreamID(n uint64) string { return strconv.FormatInt(s.tape.at(n).UnixMicro(), 10) }

func (s *Server) serveJetstream(x *exchange) {
	s.converse(x, &jetstream{s: s}, s.jetstreamAfter(x.r.URL.Query().Get("cursor")), true)
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

// homeID is the time the event was fired in µs: events of a home have no id of their own.
func (s *Server) homeID(n uint64) string { return s.jetstreamID(n) }

func (s *Server) serveHome(x *exchange) {
	s.converse(x, &home{s: s}, 0, false)
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
		"event_type": "state_changed", "origin": "LOCAL", "time_fired": at.Format("2006-01-02T15:04:05.000000-07:00"),
		"data": map[string]any{"entity_id": entity, "new_state": map[string]any{
			"entity_id": entity, "state": string(state), "last_changed": at, "attributes": map[string]string{"unit_of_measurement": "°C", "device_class": "temperature"},
		}},
	}})
}
