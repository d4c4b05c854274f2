package sse

import (
	"bytes"
	"testing"
	"testing/iotest"
)

func TestAGatherHoldsWhatWasAdded(t *testing.T) {
	for _, size := range []int{0, 1, gatherPart - 1, gatherPart, gatherPart + 1, 3*gatherPart + 7} {
		want := make([]byte, size)
		for i := range want {
			want[i] = byte(i * 7)
		}
		var added, read Gather
		for rest := want; len(rest) > 0; {
			n := min(len(rest), 1000)
			added.Add(rest[:n])
			rest = rest[n:]
		}
		in := iotest.HalfReader(bytes.NewReader(want))
		for err := error(nil); err == nil; {
			_, err = read.ReadOnce(in)
		}
		for _, g := range []*Gather{&added, &read} {
			if g.Len() != size || !bytes.Equal(g.Start(10), want[:min(10, size)]) || !bytes.Equal(g.Start(size+1), want) {
				t.Errorf("%d bytes: %d, %q", size, g.Len(), g.Start(10))
			}
			if got := g.Take(); got == nil || !bytes.Equal(got, want) || g.Len() != 0 || len(g.Start(1)) != 0 {
				t.Errorf("%d bytes: took %d, %d are left", size, len(got), g.Len())
			}
		}
	}
}

func TestWhatIsDroppedLeavesNoGarbage(t *testing.T) {
	line := make([]byte, 16<<10)
	if n := testing.AllocsPerRun(20, func() {
		var g Gather
		for range 256 {
			g.Add(line)
		}
		g.Drop()
	}); n > 40 { // the list of parts, and what a collection has taken meanwhile
		t.Errorf("%v allocations", n)
	}
}
