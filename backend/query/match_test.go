package query

import (
	"testing"
	"time"

	"tickertape/backend/event"
)

func must(t testing.TB, text string) Filter {
	t.Helper()
	x, err := Parse(text)
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return Filter{}.With(x)
}

func text(s string) event.Event {
	return event.Event{Feed: "f", Type: "message", Text: s, Data: []byte(s)}
}

func object(s string) event.Event {
	return event.Event{Feed: "f", Type: "message", Data: []byte(s), JSON: true}
}

var (
	yes = true
	no  = false
)

func TestWordsAndPhrases(t *testing.T) {
	for _, tt := range []struct {
		query string
		event event.Event
		want  bool
	}{
		{"", text("anything"), yes},
		{"  \t ", text(""), yes},
		{"time", text("Server time: 8:21"), yes},
		{"TIME server", text("Server time: 8:21"), yes},
		{"tim", text("Server time"), no},
		{"tim*", text("Server time"), yes},
		{"ime*", text("Server time"), no},
		{`"server time"`, text("Server\n\ttime"), yes},
		{`"time server"`, text("Server time"), no},
		{`"server ti"*`, text("Server time"), yes},
		{`"server time"`, text("Server of time"), no},
		{"8:21", text("at 8:21!"), yes},
		{"server-time", text("Server time"), yes},
		{"-time", text("Server time"), no},
		{"-other", text("Server time"), yes},
		{"NOT other AND time", text("Server time"), yes},
		{"other OR time", text("Server time"), yes},
		{"other OR (time -server)", text("Server time"), no},
		{"-(other OR nothing)", text("Server time"), yes},
		{"or", text("this or that"), yes},
		{`"OR"`, text("this or that"), yes},
		{`"a \"quoted\" word"`, text(`a "quoted" word`), yes},

		{"cafe", text("Café"), yes},
		{"café", text("CAFE\u0301"), yes},
		{"Straße", text("STRASSE"), yes},
		{"lodz", text("Łódź"), yes},
		{"ΟΔΟΣ", text("οδός"), yes},
		{"istanbul", text("İstanbul"), yes},
		{"ﬁle ２３", text("file 23"), yes},
		{"cooperate", text("co\u00adoperate"), yes},
		{"中国", text("我在中国上海"), yes},
		{"国中", text("我在中国上海"), no},
		{"東京", text("きょうの東京タワー"), yes},
		{"タワー", text("きょうの東京ﾀﾜｰ"), yes},
		{"か", text("が"), no},
		{"が", text("か\u3099"), yes},
		{"ประเทศ", text("นี่คือประเทศไทย"), yes},
		{"서울", text("서울에서"), yes},
		{"محمد", text("مُحَمَّد"), yes},
		{"احمد", text("أحمد"), yes},
		{"שלום", text("שָׁלוֹם"), yes},
		{"हिन्दी", text("यह हिन्दी है"), yes},
		{"हिन्द", text("यह हिन्दी है"), no},
		{"🚀", text("to the moon🚀🚀"), yes},
		{"moon🚀", text("to the moon 🚀"), yes},
		{"🎉", text("to the moon🚀"), no},
		{"iphone15", text("iPhone15手机"), yes},

		{"name", object(`{"name":"Bob"}`), yes},
		{`"name bob"`, object(`{"name":"Bob"}`), yes},
		{"line", object(`{"a":"one\nline"}`), yes},
		{"nline", object(`{"a":"one\nline"}`), no},
		{"café", object(`{"a":"caf\u00e9"}`), yes},
		{"café", object(`{"a":"cafe\u0301s"}`), no},
		{"Avenue", object(`{"a":"\u0041venue"}`), yes},
		{"🚀", object(`{"a":"go\ud83d\ude80"}`), yes},
		{"x", object(`{"a":"x\ud83d"}`), yes},
		{"1.50", object(`{"a":1.50}`), yes},
		{`"c:\\nline"`, text(`c:\nline`), yes},
	} {
		if got := must(t, tt.query).Match(&tt.event); got != tt.want {
			t.Errorf("%s on %s: %v", tt.query, tt.event.Data, got)
		}
	}
}

func TestFields(t *testing.T) {
	now := time.Now()
	e := event.Event{
		ID: event.ID{Epoch: "e", Seq: 7}, Feed: "btc", Type: "custom_event", SourceID: "Ab 1", Key: "BTC-USD",
		Title: "Bitcoin: new high", Text: "Up by 3 %", URL: "https://a.example/x?y=1", Value: "64123.550", Severity: "warning",
		ReceivedAt: now.Add(-90 * time.Minute),
		JSON:       true,
		Data:       []byte(`{"price":"64123.55","size":12345678901234567891,"ok":true,"none":null,"user":{"name":"Bob Ray","full name":"x","a.b":1},"tags":["Fast","New York"],"legs":[{"id":1,"to":[7]},{"id":2}],"deep":[[5]],"e\u0073c":"a\tb"}`),
	}
	for query, want := range map[string]bool{
		"feed:btc": yes, "feed:BTC": yes, "feed:bt": no, "feed:bt*": yes, "feed:a,btc": yes, `feed:"a b",btc`: yes, "Feed:btc": yes, "feed:a,b": no,
		"type:custom_event": yes, "type:Custom*": yes, "type:message": no,
		"key:btc-usd": yes, "key:btc": no, `key:"BTC-USD"`: yes, "key:/^BTC-[A-Z]+$/": yes, "key:/btc/": no, "key:/btc/i": yes,
		`id:"ab 1"`: yes, "id:ab": no, "id:ab*": yes,
		"title:high": yes, "title:up": no, `title:"new high"`: yes, "title:low,high": yes, "title:/: new/": yes, "title:hig*": yes,
		"text:up": yes, "text:high": no, "data:bob": yes, "data:high": no, "data:/Bob Ray/": yes,
		"url:https://a.example/*": yes, "url:https://a.example/x?y=1": yes, "url:https://a.example/": no,
		"severity:warning": yes, "severity:error,WARNING": yes, "severity:error": no, "severity>=info": yes, "severity>warning": no, "severity!=debug": yes,
		"has:url": yes, "has:time": no, "has:revises": no, "has:time,url": yes, "has:json has:key has:id has:title has:text has:data": yes,
		"value>64123.5": yes, "value>64123.55": no, "value>=64123.55": yes, "value=64123.55": yes, "value:64123.55": yes, "value!=64123.55": no,
		"value<6.5e4": yes, "value<=-1": no, "value<1e400": yes, "value>1e-400": yes,
		"since:2h": yes, "since:1h": no, "before:1h": yes, "before:2h": no, "after:2h": yes, "until:1h": yes,
		"since:2001-01-01": yes, "before:2001-01-01": no, "since:2001-01-01T10:00": yes, "until:2001-01-01T10:00:00Z": no,
		"data.user.name:bob": yes, "data.user.name:ray": yes, "data.user.name:bo": no, "data.user.name:bo*": yes, "data.user.name=bob": no,
		`data.user.name="bob ray"`: yes, `data.user."full name":x`: yes, `data.user."a.b"=1.0`: yes, "data.user:bob": no, "data.user.Name:bob": no,
		"data.price>64123": yes, "data.price>=64123.55": yes, "data.price<64123.55": no, "data.price=64123.550": yes,
		"data.size=12345678901234567891": yes, "data.size=12345678901234567890": no, "data.size:12345678901234567891": yes, "data.size>12345678901234567890": yes,
		"data.ok:true": yes, "data.ok=TRUE": yes, "data.ok!=false": yes, "data.ok!=true": no, "data.missing!=1": no, "data.none:null": yes,
		"has:data.none": no, "has:data.user": yes, "has:data.user.name": yes, "has:data.nobody": no,
		"data.tags:york": yes, `data.tags="new york"`: yes, "data.tags.0:fast": yes, "data.tags.1:fast": no, "data.tags:/^Fa/": yes,
		"data.legs.id:2": yes, "data.legs.id:3": no, "data.legs.0.id:2": no, "data.legs.to:7": yes, "data.deep:5": no, "data.deep.0:5": yes, `data.esc:"a b"`: yes, `data.esc=ab`: no, "data.tags:...": no, `data.tags:"..."*`: no, "data.size:/^1234567890123456789.$/": yes, "data.size:123*": yes,
		"/new high/": yes, "/Bob Ray/": yes, "/bob ray/i": yes, `/"price":"\d+/`: yes, `/https:\/\//`: no, "url:/^https:/": yes,
		"btc bitcoin": no, "feed:btc bitcoin -title:low value>1": yes,
	} {
		if got := must(t, query).Match(&e); got != want {
			t.Errorf("%s: %v", query, got)
		}
	}
}
