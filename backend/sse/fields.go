package sse

import (
	"bytes"
	"math"
	"time"
)

// field reads one line that isn't empty.
func (d *Decoder) field(line []byte, over bool) error {
	name := fieldName(line)
	value := line[min(len(name)+1, len(line)):]
	if len(value) > 0 && value[0] == ' ' {
		value = value[1:]
	}
	over = over || len(value) > d.cfg.MaxEvent
	switch name {
	case "data":
		return d.addData(value, over)
	case "id":
		return d.setID(value, over)
	case "event":
		return d.setType(value, over)
	case "retry":
		if !over {
			d.setRetry(value)
		}
	case "":
		if line[0] == ':' && d.cfg.Comment != nil && !over {
			d.cfg.Comment(repair(&d.fixed, value))
		}
	}
	return nil
}

// fieldName returns a line's name if the standard knows it, else "", as for a comment.
// Comparing is cheaper than looking for the colon first, and this is the place to care.
func fieldName(line []byte) string {
	switch {
	case named(line, "data"):
		return "data"
	case named(line, "id"):
		return "id"
	case named(line, "event"):
		return "event"
	case named(line, "retry"):
		return "retry"
	}
	return ""
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
	if !over && bytes.IndexByte(value, 0) < 0 {
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
	switch fieldName(start) {
	case "data":
		return !d.skip
	case "":
		return start[0] == ':' && d.cfg.Comment != nil
	}
	return true
}

// trim empties b for reuse, and lets go of it when one large event has blown it up.
func trim(b []byte) []byte {
	if cap(b) > keepBuffer {
		return nil
	}
	return b[:0]
}
