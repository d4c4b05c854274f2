package query

import (
	"fmt"
	"math/big"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"tickertape/backend/event"
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

func TestANumberInAPayloadIsFoundByItsSpellings(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		texts := rapid.StringMatching(`-?(0|[1-9][0-9]{0,2}0{0,2})(\.0{0,2}[0-9]{1,2}0{0,2})?([eE][+-]?[0-2])?`)
		asked, written := texts.Draw(t, "asked"), texts.Draw(t, "written")
		x, _ := parseDecimal(asked)
		y, _ := parseDecimal(written)
		if written == asked || x.compare(y) != 0 {
			written = asked
		}
		phrases, ok := x.spellings()
		if !ok {
			t.Fatalf("%s has no spellings", asked)
		}
		form := rapid.SampledFrom([]string{`{"n":%s}`, `[%s]`, `%s`, "{\"n\":\n%s}", `[1, %s]`}).Draw(t, "form")
		index := string(AppendIndex(nil, &event.Event{JSON: true, Data: fmt.Appendf(nil, form, written)}))
		for _, p := range phrases {
			end := " "
			if cut, prefix := strings.CutSuffix(p, " *"); prefix {
				p, end = cut, ""
			}
			if strings.Contains(" "+index, " "+strings.Trim(p, `"`)+end) {
				return
			}
		}
		t.Errorf("%s is none of %v in %q", asked, phrases, index)
	})
}

func TestOnlyNumbersWithExponentsGetATokenForThem(t *testing.T) {
	for _, row := range []struct {
		data string
		want bool
	}{
		{`{"n":1e5}`, true},
		{`[-1.5E-3]`, true},
		{`{"n":15,"hash":"a3e8","date":"2026-01-05T10:00:00Z"}`, false},
		{`{"id":"0b1e2f","e":5}`, false},
	} {
		if got := strings.Contains(string(AppendIndex(nil, &event.Event{JSON: true, Data: []byte(row.data)})), powers); got != row.want {
			t.Errorf("%s: %t", row.data, got)
		}
	}
}
