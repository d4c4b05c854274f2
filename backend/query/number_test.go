package query

import (
	"math/big"
	"testing"

	"pgregory.net/rapid"
)

func TestDecimalsCompareAsNumbersHoweverLong(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		texts := rapid.StringMatching(`-?(0|[1-9][0-9]{0,3}|12345678901234567890[0-2])(\.0{0,3}[0-9]{1,3})?(e[+-]?[0-3])?`)
		a, b := texts.Draw(t, "a"), texts.Draw(t, "b")
		x, okX := parseDecimal(a)
		y, okY := parseDecimal(b)
		exactA, _ := new(big.Rat).SetString(a)
		exactB, _ := new(big.Rat).SetString(b)
		if !okX || !okY || x.compare(y) != exactA.Cmp(exactB) {
			t.Fatalf("%s and %s compare as %d, want %d", a, b, x.compare(y), exactA.Cmp(exactB))
		}
	})
}

func TestWhatIsNoDecimal(t *testing.T) {
	for _, text := range []string{"", "-", "+-1", ".", "1.2.3", "1e", "e1", "1e+", "1e1.5", "0x10", "Inf", "NaN", "1_000", "1,5", " 1", "--1"} {
		if d, ok := parseDecimal(text); ok {
			t.Errorf("%q is read as %+v", text, d)
		}
	}
	large, _ := parseDecimal("1e99999999999999999999")
	small, _ := parseDecimal("1e-99999999999999999999")
	one, _ := parseDecimal("+1.")
	if large.compare(one) != 1 || small.compare(one) != -1 || small.sign() != 1 {
		t.Error("exponents beyond all bounds lose their order")
	}
}

func FuzzDecimal(f *testing.F) {
	f.Add("-01.50e-3")
	f.Fuzz(func(t *testing.T, text string) {
		if d, ok := parseDecimal(text); ok && d.compare(d) != 0 {
			t.Fatalf("%q differs from itself", text)
		}
	})
}
