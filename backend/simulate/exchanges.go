package simulate

import (
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

const firstTrade = 40_000_000_000

// coinbase wants a subscription and sends a heartbeat when it is quiet.
type coinbase struct {
	open
	s        *Server
	products []string
	channels []string
}

func (s *Server) serveCoinbase(x *exchange) {
	s.converse(x, &coinbase{s: s}, 0)
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
	s.converse(x, d, s.tape.head())
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
	s.converse(x, &finnhub{s: s}, 0)
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
