package settings

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// migrations turn a document of version n (its index) into one of version n+1.
// Append only.
var migrations = []func(document map[string]json.RawMessage) error{
	// A file without a version: somebody wrote it by hand.
	func(map[string]json.RawMessage) error { return nil },
	// Version 1 held secrets. A store takes them out of whatever it opens, also of
	// what somebody wrote by hand, so there is nothing to do here; but an older
	// program, which would take a reference for a password, must not open it.
	func(map[string]json.RawMessage) error { return nil },
}

// NewerError says that a newer Tickertape wrote the settings. The file is left
// alone.
type NewerError struct{ Version int }

func (e *NewerError) Error() string {
	return fmt.Sprintf("the settings were written by a newer Tickertape (version %d, this one knows %d): please update", e.Version, Version)
}

// decode reads a document of any version up to ours. What it leaves out has its
// default. An error is a *NewerError or a *FileError.
func decode(data []byte) (Settings, error) {
	s, err := parse(data)
	if err != nil {
		return Settings{}, err
	}
	if problems, ok := errors.AsType[Invalid](s.Validate()); ok {
		return Settings{}, s.invalidAt(data, problems)
	}
	return s, nil
}

// parse is decode without looking whether the settings are valid.
func parse(data []byte) (Settings, error) {
	document, err := migrated(data)
	if err != nil {
		return Settings{}, err
	}
	feeds, hasFeeds := document["feeds"]
	delete(document, "feeds")
	s := Default()
	for name, raw := range document {
		if err := json.Unmarshal(fmt.Appendf(nil, "{%q:%s}", name, raw), &s); err != nil {
			return Settings{}, misfit(data, blame(name, err), err)
		}
	}
	s.Version = Version
	if !hasFeeds {
		return s, nil
	}
	var items []json.RawMessage
	if err := json.Unmarshal(feeds, &items); err != nil {
		return Settings{}, misfit(data, "feeds", err)
	}
	s.Feeds = []Feed{}
	for i, raw := range items {
		var f Feed
		if err := json.Unmarshal(raw, &f); err != nil {
			return Settings{}, misfit(data, blame(fmt.Sprintf("feeds[%d]", i), err, raw), err)
		}
		s.Feeds = append(s.Feeds, s.complete(f)) // hand-written files leave things out
	}
	return s, nil
}

// blame is the path of the member that an error is about, whose object is at
// path. encoding/json names it only where the kind of value is wrong.
func blame(path string, err error, feed ...json.RawMessage) string {
	if wrong, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		if path == strings.SplitN(wrong.Field, ".", 2)[0] {
			return "" // it is named in full
		}
		return path
	}
	for _, raw := range feed {
		var members object
		_ = json.Unmarshal(raw, &members) // it did before
		for _, name := range slices.Sorted(maps.Keys(members)) {
			var f Feed
			if json.Unmarshal(fmt.Appendf(nil, "{%q:%s}", name, members[name]), &f) != nil {
				return path + "." + name
			}
		}
	}
	return path
}

// migrated is the document in the form of our version.
func migrated(data []byte) (object, error) {
	var document object
	if err := json.Unmarshal(data, &document); err != nil {
		return nil, notJSON(data, err)
	}
	if document == nil {
		return nil, &FileError{Line: 1, Column: 1, Reason: "This is a JSON null; the settings are an object."}
	}
	version := 0
	if raw, ok := document["version"]; ok {
		if err := json.Unmarshal(raw, &version); err != nil || version < 0 {
			e := &FileError{Path: "version", Reason: "The version is a number."}
			e.find(data)
			return nil, e
		}
	}
	if version > Version {
		return nil, &NewerError{version}
	}
	for ; version < Version; version++ {
		if err := migrations[version](document); err != nil {
			return nil, fmt.Errorf("bring the settings to version %d: %w", version+1, err)
		}
	}
	document["version"], _ = json.Marshal(Version) // a number always encodes
	return document, nil
}

// encode writes the document for people to read, with whatever unknown fields
// other documents have. The same settings always make the same bytes.
func encode(s Settings, others ...[]byte) ([]byte, error) {
	data, err := json.Marshal(s)
	for _, other := range others {
		if err == nil {
			data, err = keepUnknown(data, other)
		}
	}
	if err != nil {
		return nil, err
	}
	return canonical(data)
}

// canonical writes JSON with its members in the order of their names, for people
// to read.
func canonical(data []byte) ([]byte, error) {
	var document any
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.UseNumber() // digits stay as they are
	if err := decoder.Decode(&document); err != nil {
		return nil, err
	}
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false) // URLs are full of &
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(document); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

// known are the fields that this version writes, by where they stand; what
// stands elsewhere is another version's and is kept.
var known = map[string][]string{
	"":           {"version", "front", "appearance", "network", "history", "feeds", "tokens", "views"},
	"front":      {"enabled", "address", "port", "origins", "tls"},
	"appearance": {"theme", "density", "language"},
	"network":    {"proxy", "ca", "ipv6", "connectTimeout", "answerTimeout", "bypass"},
	"history":    {"age", "events", "bytes"},
	"feed": {
		"id", "name", "kind", "url", "interval", "paused", "scene", "rate", "seed", "color", "share", "group", "mapping", "retention",
		"method", "headers", "body", "userAgent", "auth", "secretNames", "cursor", "subprotocols", "script", "items", "heartbeat", "delta",
		"proxy", "insecure", "ca", "clientCert", "clientKey", "ipv6", "connectTimeout", "answerTimeout", "maxEvent", "maxBody", "maxItems", "maxRedirects",
	},
	"token": {"id", "name", "scope", "hash", "created"},
	"view":  {"id", "name", "query"},
}

type object = map[string]json.RawMessage

// keepUnknown adds the fields of old that this version doesn't know.
func keepUnknown(data, old []byte) ([]byte, error) {
	var next, before object
	if json.Unmarshal(old, &before) != nil {
		return data, nil // there is no old document, or nothing to keep in it
	}
	if err := json.Unmarshal(data, &next); err != nil {
		return nil, err
	}
	merge(next, before, known[""])
	for _, part := range []string{"front", "appearance", "network", "history"} {
		var a, b object
		if json.Unmarshal(next[part], &a) == nil && json.Unmarshal(before[part], &b) == nil {
			merge(a, b, known[part])
			next[part], _ = json.Marshal(a) // a map of raw JSON always encodes
		}
	}
	for list, item := range map[string]string{"feeds": "feed", "tokens": "token", "views": "view"} {
		var items, itemsBefore []object
		if json.Unmarshal(next[list], &items) == nil && json.Unmarshal(before[list], &itemsBefore) == nil {
			for _, a := range items {
				for _, b := range itemsBefore {
					if bytes.Equal(a["id"], b["id"]) {
						merge(a, b, known[item])
					}
				}
			}
			next[list], _ = json.Marshal(items)
		}
	}
	return json.Marshal(next)
}

// merge adds to next the fields of before that are not known.
func merge(next, before object, known []string) {
	for name, value := range before {
		if !slices.Contains(known, name) {
			next[name] = value
		}
	}
}
