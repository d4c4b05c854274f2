package mapping

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"tickertape/backend/event"
)

// Feeds' shapes, with values of ours. Each is mapped without any path.
func TestGuessesFitTheShapesOfKnownFeeds(t *testing.T) {
	at := time.Date(2026, 11, 22, 8, 21, 23, 0, time.UTC)
	tests := map[string]struct {
		data string
		want event.Event
	}{
		"Coinbase: a ticker": {
			`{"type":"ticker","sequence":990210,"product_id":"BTC-USD","price":"64123.50","open_24h":"63900","best_bid":"64123.49","side":"buy","time":"2026-11-22T08:21:23.000000Z","trade_id":1,"last_size":"0.002"}`,
			event.Event{Key: "BTC-USD", Value: "64123.50", SourceTime: at},
		},
		"Binance: letters, the case of which matters": {
			`{"e":"24hrMiniTicker","E":1795335683000,"s":"BTCUSDT","c":"64123.50","o":"63900.00","h":"64500.00","l":"63100.00","v":"12345.6","q":"789"}`,
			event.Event{Key: "BTCUSDT", Value: "64123.50", SourceTime: at},
		},
		"Binance: in the envelope of a combined stream": {
			`{"stream":"btcusdt@miniTicker","data":{"e":"24hrMiniTicker","E":1795335683000,"s":"BTCUSDT","c":"64123.50"}}`,
			event.Event{Key: "BTCUSDT", Value: "64123.50", SourceTime: at},
		},
		"Kraken: an array of one": {
			`{"channel":"ticker","type":"update","data":[{"symbol":"BTC/USD","bid":64123.4,"ask":64123.5,"last":64123.50,"volume":12.5,"change_pct":0.4}]}`,
			event.Event{Key: "BTC/USD", Value: "64123.50"},
		},
		"Kraken: of an array of several, none speaks for all": {
			`{"channel":"ticker","type":"snapshot","data":[{"symbol":"BTC/USD","last":1},{"symbol":"ETH/USD","last":2}]}`,
			event.Event{},
		},
		"Finnhub: one trade": {
			`{"c":["1"],"p":122.10,"s":"TSLA","t":1795335683000,"v":1}`,
			event.Event{Key: "TSLA", Value: "122.10", SourceTime: at},
		},
		"Wikimedia: the page, not who changed it": {
			`{"meta":{"uri":"https://w.example/a","dt":"2026-11-22T08:21:24Z","topic":"x"},"id":1,"title":"File:A","comment":"why","timestamp":1795335683,"user":"Ann","notify_url":"https://w.example/diff"}`,
			event.Event{Title: "File:A", Text: "why", URL: "https://w.example/diff", SourceTime: at},
		},
		"Mastodon: the status, not its account or link card": {
			`{"id":"11","created_at":"2026-11-22T08:21:23.000Z","url":"https://m.example/@ann/11","uri":"https://m.example/users/ann/11","content":"<p>Hello <a href=\"https://x.example\">x</a></p><p>Bye</p>","account":{"display_name":"Ann","url":"https://m.example/@ann"},"card":{"title":"A card","url":"https://c.example"},"tags":[{"name":"t","url":"https://t.example"}]}`,
			event.Event{Text: "Hello x\nBye", URL: "https://m.example/@ann/11", SourceTime: at},
		},
		"Bluesky: a post": {
			`{"did":"did:plc:a","time_us":1795335683000000,"kind":"commit","commit":{"rev":"3","operation":"create","collection":"app.bsky.feed.post","rkey":"3k","cid":"b","record":{"$type":"app.bsky.feed.post","text":"I <3 tapes & <b","createdAt":"2020-01-01T00:00:00Z","langs":["en"]}}}`,
			event.Event{Text: "I <3 tapes & <b", SourceTime: at},
		},
		"CertStream: the subject, not the issuer or the log": {
			`{"message_type":"certificate_update","data":{"update_type":"X509LogEntry","leaf_cert":{"issuer":{"CN":"R3","O":"A CA"},"subject":{"CN":"shop.example.org","O":null},"all_domains":["shop.example.org"]},"cert_index":5,"seen":1795335683.25,"source":{"url":"https://log.example","name":"A log"}}}`,
			event.Event{Title: "shop.example.org", SourceTime: at.Add(250 * time.Millisecond)},
		},
		"Home Assistant: the new state, not the old": {
			`{"id":5,"type":"event","event":{"event_type":"state_changed","data":{"entity_id":"sensor.hall","old_state":{"state":"20.5","attributes":{"friendly_name":"Old"}},"new_state":{"entity_id":"sensor.hall","state":"21.50","attributes":{"unit_of_measurement":"°C","friendly_name":"Hall"}}},"time_fired":"2026-11-22T08:21:23.000000+00:00","origin":"LOCAL"}}`,
			event.Event{Key: "sensor.hall", Title: "Hall", Text: "21.50", Value: "21.50", SourceTime: at},
		},
		"USGS: an earthquake": {
			`{"type":"Feature","properties":{"mag":2.50,"place":"5 km N of Lisse","time":1795335683000,"updated":1795335700000,"url":"https://q.example/a","detail":"https://q.example/a.json","status":"automatic","title":"M 2.5 - 5 km N of Lisse"},"geometry":{"type":"Point","coordinates":[4.5,52.2,7]},"id":"xx1"}`,
			event.Event{Title: "M 2.5 - 5 km N of Lisse", URL: "https://q.example/a", Value: "2.50", SourceTime: at},
		},
		"USGS: an earthquake whose magnitude isn't known": {
			`{"properties":{"mag":null,"title":"M ? - at sea"}}`,
			event.Event{Title: "M ? - at sea"},
		},
		"ESPN: a match": {
			`{"id":"40","date":"2026-11-22T08:21Z","name":"Lisse Larks at Noord Newts","shortName":"LAR @ NEW","competitions":[{"competitors":[{"score":"7"},{"score":"3"}]}],"status":{"type":{"name":"STATUS_IN_PROGRESS","state":"in","description":"In Progress"}}}`,
			event.Event{Title: "Lisse Larks at Noord Newts", Text: "In Progress", SourceTime: at.Truncate(time.Minute)},
		},
		"Open-Meteo: minutes and no zone": {
			`{"latitude":52.5,"current_units":{"time":"iso8601"},"current":{"time":"2026-11-22T08:21","interval":900,"temperature_2m":9.1}}`,
			event.Event{SourceTime: at.Truncate(time.Minute)},
		},
		"GitHub: the page of an issue, not the API's address": {
			`{"id":"9","type":"IssuesEvent","actor":{"login":"ann","url":"https://api.example/users/ann"},"repo":{"name":"ann/tape","url":"https://api.example/repos/ann/tape"},"payload":{"action":"opened","issue":{"html_url":"https://g.example/ann/tape/issues/1","title":"It sticks","body":"When wet."}},"created_at":"2026-11-22T08:21:23Z"}`,
			event.Event{Title: "It sticks", Text: "When wet.", URL: "https://g.example/ann/tape/issues/1", SourceTime: at},
		},
		"Hacker News: a story": {
			`{"by":"ann","descendants":3,"id":1,"score":7,"time":1795335683,"title":"Show: a tape","type":"story","url":"https://s.example"}`,
			event.Event{Title: "Show: a tape", URL: "https://s.example", Value: "7", SourceTime: at},
		},
		"ntfy: a message": {
			`{"id":"a","time":1795335683,"event":"message","topic":"doors","title":"Back door","message":"opened","priority":4}`,
			event.Event{Key: "doors", Title: "Back door", Text: "opened", SourceTime: at},
		},
		"a weather alert": {
			`{"id":"https://a.example/1","type":"Feature","properties":{"sent":"2026-11-22T09:21:23+01:00","severity":"Severe","event":"Gale","headline":"Gale until noon","description":"Stay in."}}`,
			event.Event{Title: "Gale until noon", Text: "Stay in.", Severity: "error", SourceTime: at},
		},
		"RIS Live: a float of seconds": {
			`{"type":"ris_message","data":{"timestamp":1795335683.50,"peer":"192.0.2.1","type":"UPDATE"}}`,
			event.Event{SourceTime: at.Add(500 * time.Millisecond)},
		},
		"a language model's words": {
			`{"choices":[{"delta":{"content":"Once upon"}}],"created":1795335683}`,
			event.Event{Text: "Once upon", SourceTime: at},
		},
		"a status page's incident": {
			`{"id":"k","name":"Slow pages","status":"resolved","created_at":"2026-11-22T08:21:23.000Z","impact":"major","incident_updates":[{"body":"Fixed."}]}`,
			event.Event{Title: "Slow pages", Severity: "error", SourceTime: at},
		},
		"a log line": {
			`{"@timestamp":"2026-11-22T08:21:23Z","level":"WARN","message":"disk nearly full"}`,
			event.Event{Text: "disk nearly full", Severity: "warning", SourceTime: at},
		},
		"an only text is a title, not both": {
			`{"summary":"Dentist"}`,
			event.Event{Title: "Dentist"},
		},
		"names in any case and style": {
			`{"Title":"A","createdAt":"2026-11-22T08:21:23Z","HTML-URL":"https://a.example"}`,
			event.Event{Title: "A", URL: "https://a.example", SourceTime: at},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got := Mapping{}.Map("f", event.Raw{Data: []byte(tt.data)})
			tt.want.Feed, tt.want.Type, tt.want.JSON = "f", event.DefaultType, true
			if diff := cmp.Diff(tt.want, got, cmpopts.IgnoreFields(event.Event{}, "Data"), cmpopts.EquateApproxTime(0)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestIDComesFromItsPathOrTheSource(t *testing.T) {
	tests := map[string]struct {
		path, wire, data string
		want             string
	}{
		"never guessed: it may be a trade's of any symbol": {"", "", `{"id":7}`, ""},
		"the source's":                 {"", "wire", `{"id":7}`, "wire"},
		"a path wins":                  {"n", "wire", `{"id":7,"n":12345678901234567890}`, "12345678901234567890"},
		"a path to nothing":            {"n", "wire", `{"id":7}`, "wire"},
		"of several parts":             {"[a,b]", "", `{"a":1,"b":"2, 3"}`, `[1,"2, 3"]`},
		"of several parts, all absent": {"[a,b]", "", `{}`, ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got := Mapping{ID: tt.path}.Map("f", event.Raw{ID: tt.wire, Data: []byte(tt.data)}).SourceID
			if got != tt.want {
				t.Errorf("%q, want %q", got, tt.want)
			}
		})
	}
}
