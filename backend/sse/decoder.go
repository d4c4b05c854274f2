package sse

import (
	"io"
	"math"
	"strings"
	"time"
)

// pieceSize is how much memory at a time is taken for short strings.
const pieceSize = 2 << 10

// DecoderConfig adjusts a [Decoder]. The zero value is ready to use.
type DecoderConfig struct {
	// MaxEvent is the most bytes an event's data, type and id may have together, counted as
	// they arrive. A larger event is skipped and reported as a *TooLargeError.
	// 0 means DefaultMaxEvent.
	MaxEvent int
	// LastEventID is the last event ID at the start: that of the connection before.
	LastEventID string
	// Comment is given each comment, without its colon and one space after it, as it is
	// read. The bytes hold only during the call. A comment longer than MaxEvent is dropped.
	Comment func([]byte)
	// Retry is given each valid reconnection time as it is read.
	Retry func(time.Duration)
	// Odd is told of what the standard gets over without a word.
	Odd func(Oddity)
}

// Oddity is something in a stream that shouldn't be there, and harms nobody.
type Oddity int

const (
	// InvalidUTF8 was read as U+FFFD.
	InvalidUTF8 Oddity = iota
	// NULInID made an id void.
	NULInID
)

// Decoder reads events from a stream. It uses a fixed amount of memory besides that of the
// event at hand, which MaxEvent bounds. It isn't for use by several goroutines at once.
type Decoder struct {
	in  lines
	cfg DecoderConfig

	// The event being read. Its data is either one line that still lies in the read buffer
	// (line) or has been copied to data.
	hasData bool
	copied  bool
	line    []byte
	data    []byte
	typ     []byte
	id      []byte // the standard's "last event ID buffer", while hasID
	hasID   bool
	skip    bool // it is too large; its id still counts
	bloated bool // the last one has left much scratch memory behind
	frame   Frame

	last     []byte // the last event ID string
	lastStr  string // last, as Next handed it out
	typeStr  string // the latest type, as Next handed it out
	piece    strings.Builder
	retry    time.Duration
	hasRetry bool

	fixed, fixedType []byte // scratch for repaired UTF-8
}

// NewDecoder returns a Decoder of the stream r.
func NewDecoder(r io.Reader, cfg DecoderConfig) *Decoder {
	return newDecoder(r, cfg, readBuffer)
}

// newDecoder lets tests use a buffer small enough for every border to fall everywhere. It
// must be longer than maxPrefix and a byte order mark together.
func newDecoder(r io.Reader, cfg DecoderConfig, buffer int) *Decoder {
	if cfg.MaxEvent <= 0 {
		cfg.MaxEvent = DefaultMaxEvent
	}
	cfg.MaxEvent = min(cfg.MaxEvent, math.MaxInt-maxPrefix)
	d := &Decoder{cfg: cfg, lastStr: cfg.LastEventID, last: []byte(cfg.LastEventID)}
	d.in = lines{src: r, buf: make([]byte, buffer), limit: cfg.MaxEvent + maxPrefix, wanted: d.wants, moved: d.keep}
	return d
}

// Next returns the next event. It returns io.EOF when the stream has ended at any point
// without an error (an unfinished event is dropped, as the standard says), the reader's own
// error when that failed, and a *TooLargeError in the place of an event that is too large:
// after that one it can be called again and goes on behind the skipped event.
func (d *Decoder) Next() (Event, error) {
	if err := d.advance(); err != nil {
		return Event{}, err
	}
	if d.typeStr != string(d.frame.Type) {
		d.typeStr = string(d.frame.Type)
	}
	return Event{Type: d.typeStr, Data: d.own(d.frame.Data), LastEventID: d.LastEventID(), HasID: d.frame.HasID}, nil
}

// own makes a string of b. Short ones are cut from a common piece of memory, which the
// garbage collector can take once none of them is in use: small enough that keeping one
// event doesn't keep much, and most of what an event would else cost.
func (d *Decoder) own(b []byte) string {
	if len(b) > pieceSize/4 {
		return string(b)
	}
	if d.piece.Cap()-d.piece.Len() < len(b) {
		d.piece.Reset()
		d.piece.Grow(pieceSize)
	}
	from := d.piece.Len()
	d.piece.Write(b)
	return d.piece.String()[from:]
}

// NextFrame is Next without any copy or allocation. The frame holds until the next call.
func (d *Decoder) NextFrame() (Frame, error) {
	if err := d.advance(); err != nil {
		return Frame{}, err
	}
	return d.frame, nil
}

// advance reads to the end of the next event, and leaves it in frame.
func (d *Decoder) advance() error {
	if d.bloated {
		// Now, since a stream may be silent for hours after one large event.
		d.bloated, d.frame, d.data, d.fixed, d.in.long = false, Frame{}, nil, nil, nil
	}
	for {
		line, over, err := d.in.next()
		switch {
		case err != nil:
			return err
		case len(line) == 0:
			if d.dispatch() {
				return nil
			}
		default:
			if err := d.field(line, over); err != nil {
				return err
			}
		}
	}
}

// LastEventID returns the last event ID: that of the last complete block that set one.
func (d *Decoder) LastEventID() string {
	if d.lastStr != string(d.last) {
		d.lastStr = d.own(d.last)
	}
	return d.lastStr
}

// Retry returns the reconnection time that the stream set last, and whether it set one. It
// counts from the moment its line was read, whatever becomes of the event around it.
func (d *Decoder) Retry() (time.Duration, bool) {
	return d.retry, d.hasRetry
}

// dispatch ends a block at an empty line. It says whether that made an event.
func (d *Decoder) dispatch() bool {
	if d.hasID {
		// Before the check for data: a block with nothing but an id counts, and so does the
		// id of an event that was too large, which would else come again on every resume.
		d.last = append(trim(d.last), d.repair(&d.fixed, d.id)...)
	}
	f := &d.frame
	f.Type, f.Data, f.LastEventID, f.HasID = d.typ, d.line, d.last, d.hasID
	if d.copied {
		f.Data = d.data
	}
	ok := d.hasData && !d.skip
	d.hasData, d.copied, d.hasID, d.skip = false, false, false, false
	d.line, d.typ, d.id = nil, trim(d.typ), trim(d.id)
	if !ok {
		return false
	}
	if len(f.Type) == 0 {
		f.Type = append(f.Type, "message"...)
		d.typ = f.Type[:0]
	}
	f.Type, f.Data = d.repair(&d.fixedType, f.Type), d.repair(&d.fixed, f.Data)
	d.bloated = len(f.Data) > keepBuffer
	return true
}

// repair returns src itself when it is valid UTF-8, else its repaired form in scratch.
func (d *Decoder) repair(scratch *[]byte, src []byte) []byte {
	if valid(src) {
		return src
	}
	d.odd(InvalidUTF8)
	*scratch = appendRepaired(trim(*scratch), src)
	return *scratch
}

func (d *Decoder) odd(what Oddity) {
	if d.cfg.Odd != nil {
		d.cfg.Odd(what)
	}
}
