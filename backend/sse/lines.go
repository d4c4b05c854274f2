package sse

import (
	"bytes"
	"io"
)

const (
	// readBuffer is the size of a Decoder's read buffer: big enough to make reads rare on a
	// busy stream, small enough to stay in the processor's second-level cache.
	readBuffer = 64 << 10
	// keepBuffer is the most scratch memory that outlives the event that needed it.
	keepBuffer = 1 << 20
	// maxPrefix is the longest a field of ours can be before its value starts: "retry: ".
	maxPrefix = 7
)

// lines cuts a stream into lines at CR, LF and CRLF, in memory that doesn't depend on what
// it reads. A line lies in the read buffer; one that doesn't fit there is gathered in long,
// if wanted says so and it stays within limit, and is dropped otherwise.
type lines struct {
	src   io.Reader
	err   error // what src ended with; sticky
	buf   []byte
	r, w  int // buf[r:w] is read and not yet consumed
	begun bool
	// lf and cr are where the next LF and CR at or after r stand, or w when there is none.
	// Remembering them keeps the search linear when a stream has only one kind.
	lf, cr  int
	afterCR bool // the last line ended in CR: an LF that comes next belongs to it

	gather    Gather // of a long line
	long      []byte // one, once it is complete
	gathering bool
	dropping  bool // the rest of the current line is of no interest
	limit     int
	wanted    func(start []byte) bool
	moved     func() // called before bytes of earlier lines are overwritten
}

// next returns the next line without its ending. It holds until moved is called. over says
// that the line is longer than limit: it is then only the line's start, and what follows of
// the line will be dropped.
func (l *lines) next() (line []byte, over bool, err error) {
	for {
		if l.afterCR && l.r < l.w {
			l.afterCR = false
			if l.buf[l.r] == '\n' {
				l.r++
			}
		}
		if l.lf < l.r {
			if l.r < l.w && l.buf[l.r] == '\n' { // an empty line: at least one in two to four
				l.lf = l.r
			} else {
				l.lf = l.find('\n', l.r)
			}
		}
		if l.cr < l.r {
			l.cr = l.find('\r', l.r)
		}
		if end := min(l.lf, l.cr); end < l.w {
			l.skipBOM(end)
			line = l.buf[l.r:end]
			// A line that ends in CR is complete: waiting for a possible LF would hold back an
			// event until the next one.
			l.afterCR = end == l.cr
			l.r = end + 1
			if l.dropping {
				l.dropping = false
				continue
			}
			if l.gathering {
				line, over = l.gathered(line)
			}
			return line, over, nil
		}
		if l.gathering || l.dropping || l.w-l.r == len(l.buf) {
			if start, over := l.swallow(); over {
				return start, true, nil
			}
		}
		if err := l.fill(); err != nil {
			return nil, false, err
		}
	}
}

// swallow takes the start or the middle of a long line out of the buffer.
func (l *lines) swallow() (start []byte, over bool) {
	l.skipBOM(l.w)
	part := l.buf[l.r:l.w]
	if !l.gathering && !l.dropping {
		if l.wanted(part) {
			l.moved() // an earlier line of the same event may lie in long
			l.gathering = true
		} else {
			l.dropping = true
		}
	}
	l.r = l.w
	if l.gathering {
		if l.gather.Len()+len(part) > l.limit {
			l.gathering, l.dropping = false, true
			return l.first(part), true
		}
		l.gather.Add(part)
	}
	return nil, false
}

// gathered ends a long line with its last part.
func (l *lines) gathered(last []byte) (line []byte, over bool) {
	l.gathering = false
	if l.gather.Len()+len(last) > l.limit {
		return l.first(last), true
	}
	l.gather.Add(last)
	l.long = l.gather.Take()
	return l.long, false
}

// first returns enough of a long line's start to tell its field, and lets go of the rest.
func (l *lines) first(part []byte) []byte {
	l.gather.Add(part[:min(len(part), maxPrefix)])
	start := l.gather.Start(maxPrefix)
	l.gather.Drop()
	l.long = nil
	return start
}

// skipBOM drops one byte order mark at the very start of the stream; end is where the
// first line, or the full buffer, ends.
func (l *lines) skipBOM(end int) {
	if l.begun {
		return
	}
	l.begun = true
	if bytes.HasPrefix(l.buf[l.r:end], []byte("\uFEFF")) {
		l.r += 3
	}
}

// find returns where c stands in buf[from:w], or w.
func (l *lines) find(c byte, from int) int {
	if i := bytes.IndexByte(l.buf[from:l.w], c); i >= 0 {
		return from + i
	}
	return l.w
}

// fill reads more, after whatever is not yet consumed.
func (l *lines) fill() error {
	if l.err != nil {
		return l.err
	}
	l.moved()
	if l.r > 0 {
		l.w = copy(l.buf, l.buf[l.r:l.w])
		l.r = 0
	}
	// fill is only called when neither LF nor CR is left.
	for range 100 {
		n, err := l.src.Read(l.buf[l.w:])
		l.err = err
		if n > 0 {
			from := l.w
			l.w += n
			l.lf, l.cr = l.find('\n', from), l.find('\r', from)
			return nil
		}
		if err != nil {
			l.lf, l.cr = l.w, l.w
			return err
		}
	}
	l.err = io.ErrNoProgress
	return l.err
}
