package simulate

import (
	"math"
	"math/rand/v2"
)

// dice are the random numbers of event n of a kind: the same for the same seed, kind and n,
// whatever was asked before.
func dice(seed uint64, kind string, n uint64) *rand.Rand {
	return rand.New(rand.NewPCG(seed^hash(kind), n)) //nolint:gosec // must be repeatable; keeps no secret
}

// hash is FNV-1a, which keeps the kinds of dice apart.
func hash(s string) uint64 {
	h := uint64(14695981039346656037)
	for i := range len(s) {
		h = (h ^ uint64(s[i])) * 1099511628211
	}
	return h
}

// pick returns one of words.
func pick(r *rand.Rand, words []string) string { return words[r.IntN(len(words))] }

// walk is where a random walk stands after n steps. It is a sum of noises, each twice as
// slow and √2 times as strong as the one before, which looks like a walk but can be had at any
// n without the steps before it. It moves by about 1 a step and stays within some hundreds.
func walk(seed uint64, kind string, n uint64) float64 {
	const octaves = 14 // noise has room for 16
	sum := 0.0
	for k := range uint64(octaves) {
		period := uint64(1) << k
		left, within := n/period, float64(n%period)/float64(period)
		a, b := noise(seed, kind, k, left), noise(seed, kind, k, left+1)
		sum += math.Sqrt(float64(period)) * (a + (b-a)*within)
	}
	return sum
}

// noise is a number from -1 to 1 for each octave and index.
func noise(seed uint64, kind string, octave, index uint64) float64 {
	// Like dice, but without what that allocates: a price needs 28 of these.
	p := rand.NewPCG(seed^hash(kind), index<<4|octave)
	return float64(p.Uint64()>>11)/(1<<52) - 1
}
