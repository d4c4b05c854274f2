package server

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"time"

	"github.com/tidwall/gjson"

	"tickertape/backend/event"
)

const (
	// readSize is how much of a stream of lines is read at once, in bytes.
	readSize = 64 << 10
	// maxLine is the longest line with its line break.
	maxLine = maxEvent + 2
	// maxGroup bounds the events that are handed on at once: they are stored
	// all or none, and the journal commits up to four such groups together.
	maxGroup = 256
)

// lines publishes each line of the body as an event. It hands on what there is
// before it waits for more, in groups that are as large as what came: so a
// single line isn't held up, and a flood costs little for each.
func (p *publishing) lines() error {
	var lines lineCount
	buf := make([]byte, 0, readSize)
	for {
		if len(buf) == cap(buf) {
			if cap(buf) == maxLine {
				return lines.problem(http.StatusRequestEntityTooLarge, "is longer than an event may be, 4 MiB")
			}
			buf = append(make([]byte, 0, min(2*cap(buf), maxLine)), buf...)
		}
		unfinished := len(buf)
		n, err := bodyReader{p}.Read(buf[unfinished:cap(buf)])
		buf = buf[:unfinished+n]
		end := unfinished + bytes.LastIndexByte(buf[unfinished:], '\n') + 1
		switch {
		case err == io.EOF: //nolint:errorlint // Readers return it bare
			end = len(buf) // the last line may go without a line break, but not one that was cut
		case end == unfinished:
			end = 0
		}
		if handErr := p.group(buf[:end], &lines); handErr != nil {
			return handErr
		}
		if err == io.EOF { //nolint:errorlint // as above
			return nil
		}
		if err != nil {
			return err
		}
		rest := buf[end:]
		if cap(buf) > readSize && len(rest) < readSize {
			buf = make([]byte, 0, readSize) // one long line shouldn't cost its size for hours
		}
		buf = append(buf[:0], rest...)
	}
}

// group hands on whole lines. Events keep their payload, so it is copied, once
// for all.
func (p *publishing) group(data []byte, lines *lineCount) error {
	now, raws := time.Now(), []event.Raw(nil)
	for line := range bytes.Lines(bytes.Clone(data)) {
		*lines++
		line = bytes.TrimSpace(line)
		if len(line) == 0 {
			continue
		}
		bad := lines.check(line)
		if bad == nil {
			raws = append(raws, p.raw(slices.Clip(line), now))
		}
		if len(raws) == maxGroup || (bad != nil && len(raws) > 0) {
			if err := p.hand(raws); err != nil {
				return err
			}
			raws = nil
		}
		if bad != nil {
			return bad
		}
	}
	if len(raws) == 0 {
		return nil
	}
	return p.hand(raws)
}

// lineCount is how many lines have come, blank ones among them.
type lineCount int

// check returns the problem of the line that came last, if it is no event.
func (n lineCount) check(line []byte) error {
	if len(line) > maxEvent {
		return (n - 1).problem(http.StatusRequestEntityTooLarge, "is longer than an event may be, 4 MiB")
	}
	if err := checkJSON(line); err != nil {
		return (n - 1).problem(http.StatusBadRequest, fmt.Sprintf("is not one JSON value: %v", err))
	}
	return nil
}

// problem is that of the next line.
func (n lineCount) problem(status int, what string) error {
	return problem(status, fmt.Sprintf("Line %d %s.", n+1, what))
}

// checkJSON says where data stops to be one JSON value.
func checkJSON(data []byte) error {
	if gjson.ValidBytes(data) { // several times as fast, but says no more
		return nil
	}
	var value json.RawMessage
	err := json.Unmarshal(data, &value)
	if syntax, ok := errors.AsType[*json.SyntaxError](err); ok {
		return fmt.Errorf("byte %d: %w", syntax.Offset, err)
	}
	return errors.New("it is malformed")
}
