package event

import (
	"errors"
	"strconv"
	"strings"
)

// ID names an event to the outside: the epoch of the journal that numbered it
// and its seq there. Clients treat the text form as opaque.
type ID struct {
	Epoch string // lower-case letters and digits; made with the database
	Seq   uint64 // dense, rising, never reused; the first event has 1
}

// ErrInvalidID says that a text is not an event id of ours.
var ErrInvalidID = errors.New("not an event id: expected <epoch>-<number>")

// String is the id as clients see it: <epoch>-<seq>.
func (id ID) String() string { return string(id.Append(nil)) }

// Append adds the text form to dst.
func (id ID) Append(dst []byte) []byte {
	dst = append(dst, id.Epoch...)
	dst = append(dst, '-')
	return strconv.AppendUint(dst, id.Seq, 10)
}

// ParseID reads the text form.
func ParseID(s string) (ID, error) {
	epoch, digits, found := strings.Cut(s, "-")
	if !found || !isEpoch(epoch) || digits == "" || digits[0] == '+' {
		return ID{}, ErrInvalidID
	}
	seq, err := strconv.ParseUint(digits, 10, 64)
	if err != nil {
		return ID{}, ErrInvalidID
	}
	return ID{Epoch: epoch, Seq: seq}, nil
}

func isEpoch(s string) bool {
	if s == "" || len(s) > 32 {
		return false
	}
	for i := range len(s) {
		c := s[i]
		if (c < 'a' || c > 'z') && (c < '0' || c > '9') {
			return false
		}
	}
	return true
}
