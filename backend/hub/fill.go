package hub

import "context"

// fill reads what is selected between a seq and the ring's floor into the ring,
// newest first, so that of many readers who come back at once one reads the
// journal for all. It reports whether the ring now reaches down to there: it
// fills half of it at most, or what comes next would turn out what it read.
func (s *stream) fill(ctx context.Context, history History, after uint64) (bool, error) {
	s.filling.Lock()
	defer s.filling.Unlock()
	for {
		floor, room := s.below()
		if floor <= after || room <= 0 {
			return floor <= after, nil
		}
		// A whole page, also where this reader needs less: others miss more.
		lowest := floor - min(floor, maxFill)
		events, err := history.ReadBack(ctx, s.filter, lowest, floor, historyPage)
		if err != nil {
			return false, err
		}
		// Where events may be missing the ring ends: readers who want those have
		// to be told, each by itself.
		missing := uint64(0)
		for _, to := range history.Missing(s.filter, lowest, floor) {
			missing = max(missing, to)
		}
		if missing == floor {
			return false, nil
		}
		if n := len(events); n > 0 {
			lowest = events[n-1].ID.Seq - 1
		}
		seg := &segment{}
		for i := len(events) - 1; i >= 0; i-- {
			if events[i].ID.Seq > missing {
				seg.add(s.format, &events[i])
			}
		}
		s.prepend(floor, seg, max(lowest, missing))
	}
}

// below is where the ring ends, and how many bytes there is room for below it.
func (s *stream) below() (floor uint64, room int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.floor, s.limit/2 - s.size
}

// prepend puts a segment under the ring, whose floor then is another one. It
// does nothing if the ring has turned meanwhile.
func (s *stream) prepend(floor uint64, seg *segment, newFloor uint64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.floor != floor {
		return
	}
	s.floor = newFloor
	if len(seg.marks) > 0 {
		s.segments = append([]*segment{seg}, s.segments...)
		s.size += len(seg.frames)
	}
}
