package sse

import (
	"bytes"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// AppendEvent appends one event as a frame: its id line (unless id is empty), its event line
// (unless typ is empty or "message", which a reader assumes anyway), its data lines, and the
// empty line that dispatches it.
//
// Data is split at CR, LF and CRLF, since the wire carries no line ending as such: a reader
// gets LF for each. Invalid UTF-8 goes out as U+FFFD, which is what a reader would make of
// it. When id or typ can't be sent it returns ErrInvalidID or ErrInvalidType and dst as it was.
func AppendEvent(dst []byte, id, typ string, data []byte) ([]byte, error) {
	if strings.ContainsAny(id, "\r\n\x00") {
		return dst, ErrInvalidID
	}
	if strings.ContainsAny(typ, "\r\n") {
		return dst, ErrInvalidType
	}
	if id != "" {
		dst = appendField(dst, "id: ", id)
	}
	if typ != "" && typ != "message" {
		dst = appendField(dst, "event: ", typ)
	}
	dst = appendLines(dst, "data: ", data)
	return append(dst, '\n'), nil
}

// AppendComment appends text as a comment of as many lines as it has, and an empty line,
// so that readers which cut the stream at empty lines see it as a block of its own.
func AppendComment(dst []byte, text string) []byte {
	return append(appendLines(dst, ": ", []byte(text)), '\n')
}

// AppendRetry appends a frame that sets the reader's reconnection time, in whole
// milliseconds rounded up; a negative time counts as 0.
func AppendRetry(dst []byte, d time.Duration) []byte {
	ms := max(d, 0).Milliseconds()
	if d > 0 && d%time.Millisecond != 0 {
		ms++
	}
	dst = append(dst, "retry: "...)
	dst = strconv.AppendInt(dst, ms, 10)
	return append(dst, "\n\n"...)
}

// appendLines appends each line of text behind prefix; an empty text is one empty line.
func appendLines(dst []byte, prefix string, text []byte) []byte {
	if !utf8.Valid(text) {
		text = appendRepaired(nil, text)
	}
	hasCR := bytes.IndexByte(text, '\r') >= 0
	for {
		end := bytes.IndexByte(text, '\n')
		if hasCR {
			end = bytes.IndexAny(text, "\r\n")
		}
		dst = append(dst, prefix...)
		if end < 0 {
			dst = append(dst, text...)
			return append(dst, '\n')
		}
		dst = append(dst, text[:end]...)
		dst = append(dst, '\n')
		if text[end] == '\r' && end+1 < len(text) && text[end+1] == '\n' {
			end++
		}
		text = text[end+1:]
	}
}

func appendField(dst []byte, prefix, value string) []byte {
	dst = append(dst, prefix...)
	if utf8.ValidString(value) {
		dst = append(dst, value...)
	} else {
		dst = appendRepaired(dst, []byte(value))
	}
	return append(dst, '\n')
}
