package sse

import (
	"bytes"
	"math"
	"time"
)

// field is what a line is about.
type field int

const (
	unknown field = iota // to be ignored, as the standard says
	comment
	dataField
	idField
	eventField
	retryField
)

// field reads one line that isn't empty.
func (d *Decoder) field(line []byte, over bool) error {
	name, value := split(line)
	over = over || len(value) > d.cfg.MaxEvent
	switch name {
	case dataField:
		return d.addData(value, over)
	case idField:
		return d.setID(value, over)
	case eventField:
		return d.setType(value, over)
	case retryField:
		if !over {
			d.setRetry(value)
		}
	case comment:
		if d.cfg.Comment != nil && !over {
			d.cfg.Comment(d.repair(&d.fixed, value))
		}
	case unknown:
	}
	return nil
}

// split cuts a line that isn't empty at its colon. Comparing with the names is cheaper than
// looking for the colon first, and this is the place to care.
func split(line []byte) (name field, value []byte) {
	switch {
	case named(line, "data"):
		return dataField, valueAfter(line, len("data"))
	case named(line, "id"):
		return idField, valueAfter(line, len("id"))
	case named(line, "event"):
		return eventField, valueAfter(line, len("event"))
	case named(line, "retry"):
		return retryField, valueAfter(line, len("retry"))
	case line[0] == ':':
		return comment, valueAfter(line, 0)
	}
	return unknown, nil
}

// valueAfter returns what follows a name of that length and its colon.
func valueAfter(line []byte, name int) []byte {
	if len(line) == name {
		return nil
	}
	if line = line[name+1:]; len(line) > 0 && line[0] == ' ' {
		line = line[1:]
	}
	return line
}

func named(line []byte, name string) bool {
	return len(line) >= len(name) && string(line[:len(name)]) == name && (len(line) == len(name) || line[len(name)] == ':')
}

func (d *Decoder) addData(value []byte, over bool) error {
	size := len(d.typ) + len(d.id) + len(value)
	if d.hasData {
		size += d.dataLen() + 1
	}
	switch {
	case d.skip:
	case over || !d.fits(size):
		return d.tooLarge()
	case d.hasData:
		d.keep()
		d.data = append(append(d.data, '\n'), value...)
	default:
		d.hasData, d.line = true, value
	}
	return nil
}

func (d *Decoder) setType(value []byte, over bool) error {
	if over || !d.fits(len(d.id)+d.dataLen()+len(value)) {
		return d.tooLarge()
	}
	if !d.skip {
		d.typ = append(trim(d.typ), value...)
	}
	return nil
}

// setID fills the last event ID buffer. A NUL anywhere makes the whole field void. An ID that
// only the rest of its event makes too large still counts, as does one that follows.
func (d *Decoder) setID(value []byte, over bool) (err error) {
	if over || !d.fits(len(d.typ)+d.dataLen()+len(value)) {
		err = d.tooLarge()
	}
	switch {
	case over:
	case bytes.IndexByte(value, 0) >= 0:
		d.odd(NULInID)
	default:
		d.id, d.hasID = append(trim(d.id), value...), true
	}
	return err
}

func (d *Decoder) setRetry(value []byte) {
	const most = math.MaxInt64 / int64(time.Millisecond)
	ms := int64(0)
	for _, c := range value {
		if c < '0' || c > '9' {
			return
		}
		// Stop at the most a Duration holds: a number that wraps round to something small
		// or negative would have the client reconnect thousands of times a second.
		ms = min(ms*10+int64(c-'0'), most)
	}
	if len(value) == 0 {
		return
	}
	d.retry, d.hasRetry = time.Duration(ms)*time.Millisecond, true
	if d.cfg.Retry != nil {
		d.cfg.Retry(d.retry)
	}
}

// tooLarge starts to skip the event at hand, and reports it once.
func (d *Decoder) tooLarge() error {
	if d.skip {
		return nil
	}
	d.skip, d.hasData, d.copied, d.line = true, false, false, nil
	d.typ, d.data = nil, nil
	return &TooLargeError{Limit: d.cfg.MaxEvent}
}

// fits says whether an event may have size bytes.
func (d *Decoder) fits(size int) bool { return size <= d.cfg.MaxEvent }

func (d *Decoder) dataLen() int {
	if d.copied {
		return len(d.data)
	}
	return len(d.line)
}

// keep copies the event's data so far out of the read buffer.
func (d *Decoder) keep() {
	if d.hasData && !d.copied {
		d.copied = true
		d.data = append(trim(d.data), d.line...)
		d.line = nil
	}
}

// wants says whether a line that starts so is worth gathering.
func (d *Decoder) wants(start []byte) bool {
	switch name, _ := split(start); name {
	case dataField:
		return !d.skip
	case comment:
		return d.cfg.Comment != nil
	default:
		return name != unknown
	}
}

// trim empties b for reuse, and lets go of it when one large event has blown it up.
func trim(b []byte) []byte {
	if cap(b) > keepBuffer {
		return nil
	}
	return b[:0]
}
