package source

import (
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestChangesOfADocumentAreEventsOnce(t *testing.T) {
	d := &delta{most: 100}
	for _, tt := range []struct{ typ, data, want string }{
		{"keep-alive", `null`, ""},
		{"put", `{"path":"/","data":[30,20,10]}`, "10=10 20=20 30=30"},
		{"put", `{"path":"/","data":[40,30,20]}`, "40=40"},
		{"patch", `{"path":"/","data":{"0":50,"1":40}}`, "50=50"},
		{"put", `{"path":"/1","data":60}`, "60=60"},
		{"put", `{"path":"/","data":[60,50,40]}`, ""},
	} {
		check(t, d, tt.typ, tt.data, tt.want)
	}
	d = &delta{most: 100}
	for _, tt := range []struct{ typ, data, want string }{ // lists with holes
		{"put", `{"path":"/","data":[null,30,null,20,10,null]}`, "10=10 20=20 30=30"},
		{"put", `{"path":"/","data":{"0":40,"2":30,"10":10,"3":20}}`, "40=40"},
		{"patch", `{"path":"/","data":{"0":60,"1":50,"10":20,"2":null,"3":40}}`, "50=50 60=60"},
		{"put", `{"path":"/2","data":70}`, "70=70"},
	} {
		check(t, d, tt.typ, tt.data, tt.want)
	}
	d = &delta{most: 100}
	for _, tt := range []struct{ typ, data, want string }{ // children that say when they came about
		{"put", `{"path":"/","data":{"a":{"time":1700000009},"b":{"time":1700000003},"c":{"time":1700000006}}}`, `/b={"time":1700000003} /c={"time":1700000006} /a={"time":1700000009}`},
		{"patch", `{"path":"/","data":{"a":{"time":1700000009},"d":{"time":1700000010}}}`, `/d={"time":1700000010}`},
	} {
		check(t, d, tt.typ, tt.data, tt.want)
	}
	d = &delta{most: 100}
	for _, tt := range []struct{ typ, data, want string }{
		{"put", `{"path":"/","data":{"a":{"x":1},"b":2}}`, `/a={"x":1} /b=2`},
		{"put", `{"path":"/","data":{"a":{"x":1},"b":3,"c":null}}`, `/b=3`},
		{"patch", `{"path":"/a","data":{"x":5}}`, `/a/x=5`},
		{"put", `{"path":"/a","data":null}`, ""},
		{"put", `{"path":"/d/e","data":{"deep":true}}`, `/d/e={"deep":true}`},
	} {
		check(t, d, tt.typ, tt.data, tt.want)
	}
}

func check(t *testing.T, d *delta, typ, data, want string) {
	t.Helper()
	raws, err := d.changes(typ, []byte(data), time.Now())
	var got []string
	for _, raw := range raws {
		got = append(got, raw.ID+"="+string(raw.Data))
	}
	if err != nil || strings.Join(got, " ") != want {
		t.Errorf("%s %s: %q, %v, want %q", typ, data, got, err, want)
	}
}

func FuzzDeltaKnowsWhatItHasSeen(f *testing.F) {
	f.Add("put", []byte(`{"path":"/","data":[30,20,10]}`))
	f.Add("patch", []byte(`{"path":"/a","data":{"x":5}}`))
	f.Fuzz(func(t *testing.T, typ string, data []byte) {
		d := &delta{most: 10}
		if raws, _ := d.changes(typ, data, time.Now()); len(raws) > 10 || len(d.seen) > 10 {
			t.Errorf("%d changes", len(raws))
		}
	})
}

func TestAFirebaseStreamIsEmittedOnceOverReconnections(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := sseFeed("http://a.example/newstories.json")
		f.Delta, f.Heartbeat = DeltaFirebase, "keep-alive"
		stream := func(data string) http.HandlerFunc {
			return say("event: put\ndata: {\"path\":\"/\",\"data\":"+data+"}\n\nevent: keep-alive\ndata: null\n\nevent: put\ndata: oops\n\n", "Content-Type", "text/event-stream")
		}
		s, into, _ := polling(t, f, 10*time.Second, stream("[2,1]"), stream("[3,2,1]"), fail(404))
		diff(t, "events", []string{"1", "2", "3"}, into.texts())
		diff(t, "ids", []string{"1", "2", "3"}, into.ids())
		if bad := s.Bad("x"); len(bad) != 2 || bad[0].Sample != "oops" {
			t.Errorf("%+v", bad)
		}
	})
}
