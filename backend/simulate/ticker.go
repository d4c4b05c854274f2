package simulate

import (
	"math"
	"strconv"
	"time"

	"tickertape/backend/event"
)

// company is one that trades in the ticker.
type company struct {
	symbol, name string
	price        float64 // around which it moves
	volatility   float64 // how much of it one step is
}

var companies = []company{
	{"ALBA", "Albatross Airways", 41.20, 0.0006},
	{"BRGT", "Bright Bakeries", 18.75, 0.0004},
	{"CRUX", "Crux Robotics", 233.10, 0.0010},
	{"DUNE", "Dune Solar", 76.40, 0.0008},
	{"FJRD", "Fjord Shipping", 129.95, 0.0005},
	{"HLIX", "Helix Pharma", 58.30, 0.0009},
	{"MOSS", "Moss & Fern", 9.85, 0.0007},
	{"TAPE", "Tape & Paper", 500.00, 0.0003},
}

// sessionSteps is how many trades a trading day has: the change of a price is since its
// day's first.
const sessionSteps = 4096

// trade is a price at which a company was traded.
type trade struct {
	Symbol string     `json:"symbol"`
	Name   string     `json:"name"`
	Price  jsonNumber `json:"price"`
	Change jsonNumber `json:"change"` // percent since the day began
	Volume int        `json:"volume"`
	Time   time.Time  `json:"time"`
}

// Ticker makes trade n.
func Ticker(seed, n uint64, now time.Time) event.Raw {
	return numbered("ticker", "trade", seed, n, now, encode(tradeAt(seed, n, now)))
}

func tradeAt(seed, n uint64, at time.Time) trade {
	r := dice(seed, "ticker", n)
	c := companies[r.IntN(len(companies))]
	price, open := priceAt(seed, c, n), priceAt(seed, c, n-n%sessionSteps)
	return trade{
		Symbol: c.symbol, Name: c.name, Price: decimal(price), Change: decimal((price/open - 1) * 100),
		Volume: (1 + r.IntN(50)) * 10, Time: at.UTC(),
	}
}

// priceAt is where c stands at event n, of whichever company that event is.
func priceAt(seed uint64, c company, n uint64) float64 {
	return c.price * math.Exp(c.volatility*walk(seed, c.symbol, n))
}

// jsonNumber is a number whose digits are chosen here.
type jsonNumber string

func (n jsonNumber) MarshalJSON() ([]byte, error) { return []byte(n), nil }

// decimal is x with two decimals.
func decimal(x float64) jsonNumber {
	text := strconv.FormatFloat(x, 'f', 2, 64)
	if text == "-0.00" {
		text = "0.00"
	}
	return jsonNumber(text)
}
