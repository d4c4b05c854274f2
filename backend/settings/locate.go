package settings

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// FileError says what in the settings file can't be used, and where that is.
type FileError struct {
	Line, Column int    // from 1; 0 where the place isn't known
	Path         string // of the member: feeds[3].url; "" for the text as such
	Reason       string // a sentence
}

func (e *FileError) Error() string {
	var where []string
	if e.Line > 0 {
		where = append(where, fmt.Sprintf("line %d, column %d", e.Line, e.Column))
	}
	if e.Path != "" {
		where = append(where, e.Path)
	}
	return strings.Join(append(where, e.Reason), ": ")
}

// notJSON is the place at which a text stops being JSON.
func notJSON(data []byte, err error) *FileError {
	e := &FileError{Reason: "This is not JSON: " + err.Error() + "."}
	offset := int64(len(data))
	if syntax, ok := errors.AsType[*json.SyntaxError](err); ok {
		if offset = syntax.Offset; offset < int64(len(data)) || !strings.HasPrefix(err.Error(), "unexpected end") {
			offset-- // it is counted behind the byte in question
		}
	}
	if wrong, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		e.Reason, offset = fmt.Sprintf("This is a JSON %s; the settings are an object.", wrong.Value), 0
	}
	e.Line, e.Column = lineAndColumn(data, offset)
	return e
}

// misfit is the place of a value that its member can't have.
func misfit(data []byte, path string, err error) *FileError {
	e := &FileError{Path: path, Reason: strings.TrimSuffix(err.Error(), ".") + "."}
	if wrong, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		e.Reason = fmt.Sprintf("This can't be a JSON %s.", wrong.Value)
		e.Path = strings.Trim(path+"."+embedded.ReplaceAllString(wrong.Field, ""), ".")
	}
	e.find(data)
	return e
}

// embedded are the names of Go's embedded structs in a path, which JSON doesn't
// have: ours begin with capitals, members don't.
var embedded = regexp.MustCompile(`\b[A-Z]\w*\.?`)

// invalidAt is the place of the first of the problems.
func (s Settings) invalidAt(data []byte, problems Invalid) *FileError {
	field := slices.Sorted(maps.Keys(problems))[0]
	e := &FileError{Path: field, Reason: problems[field]}
	rest := s
	rest.Feeds = nil
	if others, ok := errors.AsType[Invalid](rest.Validate()); !ok || others[field] != e.Reason {
		e.Path = fmt.Sprintf("feeds[%d].%s", s.firstWith(field, e.Reason), field)
		e.find(data)
		return e
	}
	for _, part := range []string{"", "front.", "appearance.", "network."} {
		e.Path = part + field
		if e.find(data); e.Line > 0 {
			return e
		}
	}
	e.Path = field
	return e
}

// firstWith is the place of the first feed that has a problem.
func (s Settings) firstWith(field, reason string) int {
	for i, f := range s.Feeds {
		if f.Problems()[field] == reason {
			return i
		}
	}
	for i := range s.Feeds { // it is about two of them, or of its place in the settings
		until := s
		until.Feeds = s.Feeds[:i+1]
		if found, ok := errors.AsType[Invalid](until.Validate()); ok && found[field] == reason {
			return i
		}
	}
	return 0 // can't be: it is some feed's
}

// find sets the line and column of the path, or of what of it there is.
func (e *FileError) find(data []byte) {
	for path := e.Path; path != ""; path = parent(path) {
		if offset, ok := position(data, path); ok {
			e.Line, e.Column = lineAndColumn(data, offset)
			return
		}
	}
}

func parent(path string) string { return path[:max(0, strings.LastIndexAny(path, ".["))] }

// position is where the value at a path begins.
func position(data []byte, path string) (offset int64, found bool) {
	decoder := json.NewDecoder(bytes.NewReader(data))
	broken := false // More says yes for ever where no token can be read
	var walk func(at string) bool
	walk = func(at string) bool {
		offset = valueStart(data, decoder.InputOffset())
		if at == path {
			return true
		}
		token, err := decoder.Token()
		if err != nil {
			broken = true
			return false
		}
		switch token {
		case json.Delim('{'):
			for !broken && decoder.More() {
				name, err := decoder.Token()
				if err != nil {
					broken = true
					return false
				}
				if walk(strings.TrimPrefix(fmt.Sprint(at, ".", name), ".")) {
					return true
				}
			}
		case json.Delim('['):
			for i := 0; !broken && decoder.More(); i++ {
				if walk(at + "[" + strconv.Itoa(i) + "]") {
					return true
				}
			}
		default:
			return false
		}
		_, _ = decoder.Token() // the closing bracket; what is wrong with it shows at the next one
		return false
	}
	found = walk("")
	return offset, found
}

// valueStart skips what stands between a value and what was before it.
func valueStart(data []byte, offset int64) int64 {
	for offset < int64(len(data)) && strings.IndexByte(" \t\r\n:,", data[offset]) >= 0 {
		offset++
	}
	return offset
}

// lineAndColumn counts from 1, columns in characters.
func lineAndColumn(data []byte, offset int64) (line, column int) {
	before := data[:min(int64(len(data)), offset)]
	line = bytes.Count(before, []byte("\n")) + 1
	column = len([]rune(string(before[bytes.LastIndexByte(before, '\n')+1:]))) + 1
	return line, column
}
