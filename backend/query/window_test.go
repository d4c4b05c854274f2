package query

import (
	"testing"

	"tickertape/backend/event"
)

// The window writes queries for "Filter by this" by itself; its own tests have
// the same ones (frontend/src/wire/tree.test.ts).
func TestTheQueriesThatTheWindowWritesSelectTheirEvent(t *testing.T) {
	e := event.Event{Feed: "f", Type: "message", JSON: true, Data: []byte(`{"a":{"b.c":[{"d e":"two words"}],"#":null,"@x":"","n":1.50,"o":"OR"},"m":{}}`)}
	other := event.Event{Feed: "f", Type: "message", JSON: true, Data: []byte(`{"a":{"b.c":[{"d e":"two"}],"#":1,"n":1.51,"o":"or not"}}`)}
	for _, text := range []string{`data.a."b.c"."d e":"two words"`, `-has:data.a."#"`, `has:data.a."@x"`, `data.a.n:1.50`, `has:data.m`} {
		x, err := Parse(text)
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		if f := New(nil, nil).With(x); !f.Match(&e) || f.Match(&other) {
			t.Errorf("%s selects %t, and of the other %t", text, f.Match(&e), f.Match(&other))
		}
	}
	if _, err := Parse(`data.a.o:"OR"`); err != nil {
		t.Error(err)
	}
}
