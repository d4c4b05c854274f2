package main

import "math/bits"

// subBits sets the histogram's precision: each power of two has 2^subBits buckets, so that a value is off by 1.6 % at most.
const subBits = 5

// histogram counts nanoseconds in a fixed number of buckets: a run has millions of latencies.
type histogram struct {
	buckets [64 << subBits]int64
	count   int64
	max     int64
}

func (h *histogram) add(v int64) {
	v = max(v, 0)
	h.max = max(h.max, v)
	h.count++
	h.buckets[bucketOf(v)]++
}

// bucketOf is the value itself below 2^subBits; above it, the exponent and the subBits bits behind the leading one.
func bucketOf(v int64) int {
	exponent := bits.Len64(uint64(v)) - 1 - subBits
	if exponent < 0 {
		return int(v)
	}
	return (exponent+1)<<subBits | int(v>>exponent)&(1<<subBits-1)
}

// middleOf is the middle of a bucket's values.
func middleOf(bucket int) int64 {
	exponent := bucket>>subBits - 1
	if exponent < 0 {
		return int64(bucket)
	}
	low := int64(1<<subBits|bucket&(1<<subBits-1)) << exponent
	return low + int64(1)<<exponent/2
}

// quantile is the value that the share p of all values doesn't exceed, in milliseconds; 0 without values.
func (h *histogram) quantile(p float64) float64 {
	want, seen := int64(p*float64(h.count)), int64(0)
	for bucket, n := range &h.buckets {
		seen += n
		if n > 0 && seen > want {
			return milliseconds(min(middleOf(bucket), h.max))
		}
	}
	return milliseconds(h.max)
}

func milliseconds(ns int64) float64 { return float64(ns) / 1e6 }
