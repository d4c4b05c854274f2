package event

import (
	"bytes"
	"encoding/json"
	"strconv"
	"time"
	"unicode/utf8"
)

// AppendJSON adds the event as one JSON object without line breaks, the same
// by every route. Absent fields are left out; times are RFC 3339 in UTC with
// fractions; the payload keeps its digits.
func (e *Event) AppendJSON(dst []byte) []byte {
	dst = append(dst, `{"id":"`...)
	dst = e.ID.Append(dst)
	dst = append(dst, `","seq":`...)
	dst = strconv.AppendUint(dst, e.ID.Seq, 10)
	dst = append(dst, `,"feed":`...)
	dst = AppendString(dst, e.Feed)
	dst = append(dst, `,"type":`...)
	dst = AppendString(dst, e.Type)
	dst = appendField(dst, "sourceId", e.SourceID)
	dst = appendField(dst, "key", e.Key)
	dst = appendField(dst, "title", e.Title)
	dst = appendField(dst, "text", e.Text)
	dst = appendField(dst, "url", e.URL)
	if e.Value != "" {
		dst = append(dst, `,"value":`...)
		dst = append(dst, e.Value...)
	}
	dst = appendField(dst, "severity", e.Severity)
	dst = appendTime(dst, "sourceTime", e.SourceTime)
	dst = appendTime(dst, "receivedAt", e.ReceivedAt)
	if e.Revises != 0 {
		dst = append(dst, `,"revises":"`...)
		dst = ID{e.ID.Epoch, e.Revises}.Append(dst)
		dst = append(dst, '"')
	}
	dst = append(dst, `,"data":`...)
	dst = e.appendData(dst)
	return append(dst, '}')
}

// MarshalJSON makes an Event encode the same way inside other documents.
func (e *Event) MarshalJSON() ([]byte, error) { return e.AppendJSON(nil), nil }

func (e *Event) appendData(dst []byte) []byte {
	switch {
	case !e.JSON:
		return AppendString(dst, string(e.Data))
	case bytes.IndexByte(e.Data, '\n') < 0 && bytes.IndexByte(e.Data, '\r') < 0:
		return append(dst, bytes.TrimSpace(e.Data)...)
	}
	// Line breaks between JSON tokens would end an SSE data line.
	buf := bytes.NewBuffer(dst)
	if err := json.Compact(buf, e.Data); err != nil {
		return AppendString(dst, string(e.Data)) // JSON was claimed, yet isn't
	}
	return buf.Bytes()
}

func appendField(dst []byte, name, value string) []byte {
	if value == "" {
		return dst
	}
	dst = append(dst, ',', '"')
	dst = append(dst, name...)
	dst = append(dst, '"', ':')
	return AppendString(dst, value)
}

// timeLayout is RFC 3339 with all that the journal keeps of a time.
const timeLayout = "2006-01-02T15:04:05.000000Z07:00"

func appendTime(dst []byte, name string, t time.Time) []byte {
	if t.IsZero() {
		return dst
	}
	dst = append(dst, ',', '"')
	dst = append(dst, name...)
	dst = append(dst, '"', ':', '"')
	dst = t.UTC().AppendFormat(dst, timeLayout)
	return append(dst, '"')
}

const hex = "0123456789abcdef"

// AppendString adds s as a JSON string. Unlike encoding/json it leaves <, >
// and & alone (nothing here is pasted into HTML); invalid UTF-8 becomes U+FFFD.
func AppendString(dst []byte, s string) []byte {
	dst = append(dst, '"')
	start := 0
	for i := 0; i < len(s); {
		if c := s[i]; c < utf8.RuneSelf {
			if c >= 0x20 && c != '"' && c != '\\' {
				i++
				continue
			}
			dst = append(dst, s[start:i]...)
			dst = appendEscaped(dst, c)
			i++
			start = i
			continue
		}
		r, size := utf8.DecodeRuneInString(s[i:])
		if r == utf8.RuneError && size == 1 {
			dst = append(dst, s[start:i]...)
			dst = append(dst, "\ufffd"...)
			i++
			start = i
			continue
		}
		i += size
	}
	dst = append(dst, s[start:]...)
	return append(dst, '"')
}

func appendEscaped(dst []byte, c byte) []byte {
	switch c {
	case '"', '\\':
		return append(dst, '\\', c)
	case '\n':
		return append(dst, '\\', 'n')
	case '\r':
		return append(dst, '\\', 'r')
	case '\t':
		return append(dst, '\\', 't')
	}
	return append(dst, '\\', 'u', '0', '0', hex[c>>4], hex[c&0xf])
}
