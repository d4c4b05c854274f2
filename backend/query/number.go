package query

import (
	"cmp"
	"math"
	"strconv"
	"strings"
)

// number holds where the event's value compares so with a number.
type number struct {
	op   string
	than decimal
}

func (n number) String() string { return "value" + n.op + n.than.text }

func (n number) match(s *subject) bool {
	value, ok := parseDecimal(s.Value)
	return ok && compares(n.op, value.compare(n.than))
}

func (n number) cost() int { return 2 }

// sql leaves room on both sides: a float tells two long numbers apart only so
// far, and Match looks at their digits.
func (n number) sql(Scope) Condition {
	than, err := strconv.ParseFloat(n.than.text, 64)
	slack := math.Abs(than)*1e-9 + 1e-300
	low, high := than-slack, than+slack
	if err != nil || math.IsInf(low, 0) || math.IsInf(high, 0) || n.op == "!=" {
		return Condition{SQL: "value IS NOT NULL"}
	}
	switch n.op {
	case ">", ">=":
		return Condition{SQL: "CAST(value AS REAL) >= ?", Args: []any{low}}
	case "<", "<=":
		return Condition{SQL: "CAST(value AS REAL) <= ?", Args: []any{high}}
	}
	return Condition{SQL: "CAST(value AS REAL) BETWEEN ? AND ?", Args: []any{low, high}}
}

// compares says what an order means for an operator.
func compares(op string, order int) bool {
	switch op {
	case "<":
		return order < 0
	case "<=":
		return order <= 0
	case ">":
		return order > 0
	case ">=":
		return order >= 0
	case "!=":
		return order != 0
	}
	return order == 0
}

// decimal is a number by its digits, however many: floats would make one of
// two long ones that differ.
type decimal struct {
	text     string
	negative bool
	digits   string // from the first that is not 0, with perhaps a point among them; "" for zero
	order    int64  // of the first digit: 0 for ones, 2 for hundreds, -1 for tenths
}

// parseDecimal reads a number as JSON or a person writes it: 5, +5, -0.50, .5,
// 1.5e-7.
func parseDecimal(text string) (d decimal, ok bool) {
	d.text = text
	mantissa := strings.TrimLeft(text, "+-")
	if len(text)-len(mantissa) > 1 || mantissa == "" {
		return d, false
	}
	d.negative = text[0] == '-'
	var exponent int64
	if e := strings.IndexAny(mantissa, "eE"); e >= 0 {
		if exponent, ok = parseExponent(mantissa[e+1:]); !ok {
			return d, false
		}
		mantissa = mantissa[:e]
	}
	point, first, count := len(mantissa), -1, 0
	for i := range len(mantissa) {
		switch c := mantissa[i]; {
		case c == '.' && point == len(mantissa):
			point = i
		case c < '0' || c > '9':
			return d, false
		default:
			count++
			if c != '0' && first < 0 {
				first = i
			}
		}
	}
	if count == 0 {
		return d, false
	}
	if first < 0 {
		d.negative = false // -0 is 0
		return d, true
	}
	d.digits = mantissa[first:]
	d.order = exponent + int64(point-first)
	if first < point {
		d.order--
	}
	return d, true
}

// parseExponent reads what follows the e. Beyond a limit all are as large.
func parseExponent(text string) (n int64, ok bool) {
	const most = 1 << 40
	digits := strings.TrimLeft(text, "+-")
	if len(text)-len(digits) > 1 || digits == "" || strings.Trim(digits, "0123456789") != "" {
		return 0, false
	}
	n, err := strconv.ParseInt(digits, 10, 64)
	if err != nil || n > most {
		n = most
	}
	if text[0] == '-' {
		n = -n
	}
	return n, true
}

// compare is -1, 0 or 1 as d is less than, equal to or greater than e.
func (d decimal) compare(e decimal) int {
	if d.sign() != e.sign() || d.sign() == 0 {
		return cmp.Compare(d.sign(), e.sign())
	}
	order := cmp.Or(cmp.Compare(d.order, e.order), compareDigits(d.digits, e.digits))
	return order * d.sign()
}

func (d decimal) sign() int {
	switch {
	case d.digits == "":
		return 0
	case d.negative:
		return -1
	}
	return 1
}

// compareDigits compares digits from the same place on, points left out.
func compareDigits(a, b string) int {
	next := func(s string) (digit byte, rest string) {
		if s != "" && s[0] == '.' {
			s = s[1:]
		}
		if s == "" {
			return '0', ""
		}
		return s[0], s[1:]
	}
	for a != "" || b != "" {
		var x, y byte
		x, a = next(a)
		y, b = next(b)
		if x != y {
			return cmp.Compare(x, y)
		}
	}
	return 0
}
