package mapping

import (
	"testing"

	"tickertape/backend/event"
)

// The window writes paths for "Use as key" by itself; its own tests have the
// same ones (frontend/src/wire/tree.test.ts).
func TestThePathsThatTheWindowWritesFindTheirValues(t *testing.T) {
	doc := []byte(`{"a":{"b.c":[{"d e":"two words"}],"#":"hash","@x":"at","n":1.50,"!y|z*?":"odd"},"9":{"é":"accent"}}`)
	for path, want := range map[string]string{
		`a.b\.c.0.d e`:    "two words",
		`a.\#`:            "hash",
		`a.\@x`:           "at",
		`a.n`:             "1.50",
		`a.\!y\|z\*\?`:    "odd",
		`9.é`:             "accent",
		`a.b\.c.0.nobody`: "",
	} {
		if got := (Mapping{Key: path}).Map("feed", event.Raw{Data: doc}).Key; got != want {
			t.Errorf("%s: %q, want %q", path, got, want)
		}
	}
}
