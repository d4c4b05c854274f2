package sse

import "strings"

// isEventStream says whether the Content-Type values name text/event-stream, by the MIME
// Sniffing and Fetch standards: parameters (even broken ones) don't matter, and of several
// types the last valid one counts.
func isEventStream(values []string) bool {
	essence := ""
	for _, value := range splitList(strings.Join(values, ",")) {
		if e := mediaType(value); e != "" && e != "*/*" {
			essence = e
		}
	}
	return essence == "text/event-stream"
}

// mediaType returns the type/subtype of a Content-Type in lower case, or "" if it has none.
func mediaType(value string) string {
	value, _, _ = strings.Cut(value, ";")
	kind, subtype, _ := strings.Cut(strings.Trim(value, " \t\r\n"), "/")
	if !isToken(kind) || !isToken(subtype) {
		return ""
	}
	return strings.ToLower(kind + "/" + subtype)
}

// splitList cuts a header value at its commas, except those in quoted strings.
func splitList(value string) []string {
	var list []string
	start, quoted := 0, false
	for i := 0; i < len(value); i++ {
		switch value[i] {
		case '"':
			quoted = !quoted
		case '\\':
			if quoted {
				i++
			}
		case ',':
			if !quoted {
				list = append(list, value[start:i])
				start = i + 1
			}
		}
	}
	return append(list, value[start:])
}

// isToken says whether s is an HTTP token (RFC 9110, section 5.6.2).
func isToken(s string) bool {
	for i := range len(s) {
		c := s[i]
		switch {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9':
		case strings.IndexByte("!#$%&'*+-.^_`|~", c) >= 0:
		default:
			return false
		}
	}
	return s != ""
}

// isFieldValue says whether net/http agrees to send s as a header's value. It refuses the
// whole request otherwise.
func isFieldValue(s string) bool {
	for i := range len(s) {
		if c := s[i]; c < ' ' && c != '\t' || c == 0x7F {
			return false
		}
	}
	return true
}
