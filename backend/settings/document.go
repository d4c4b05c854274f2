package settings

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
)

// migrations turn a document of version n (its index) into one of version n+1.
// Append only.
var migrations = []func(document map[string]json.RawMessage) error{
	// A file without a version: somebody wrote it by hand.
	func(map[string]json.RawMessage) error { return nil },
}

// NewerError says that a newer Tickertape wrote the settings. The file is left
// alone.
type NewerError struct{ Version int }

func (e *NewerError) Error() string {
	return fmt.Sprintf("the settings were written by a newer Tickertape (version %d, this one knows %d): please update", e.Version, Version)
}

// decode reads a document of any version up to ours. What it leaves out has its
// default.
func decode(data []byte) (Settings, error) {
	var document map[string]json.RawMessage
	if err := json.Unmarshal(data, &document); err != nil {
		return Settings{}, fmt.Errorf("not a JSON object: %w", err)
	}
	version := 0
	if raw, ok := document["version"]; ok {
		if err := json.Unmarshal(raw, &version); err != nil || version < 0 {
			return Settings{}, fmt.Errorf("version is %s, not a number", raw)
		}
	}
	if version > Version {
		return Settings{}, &NewerError{version}
	}
	for ; version < Version; version++ {
		if err := migrations[version](document); err != nil {
			return Settings{}, fmt.Errorf("bring the settings to version %d: %w", version+1, err)
		}
	}
	migrated, err := json.Marshal(document)
	if err != nil {
		return Settings{}, err
	}
	s := Default()
	if _, ok := document["feeds"]; ok {
		s.Feeds = nil // or the clock would lend its fields to the first feed
	}
	if err := json.Unmarshal(migrated, &s); err != nil {
		return Settings{}, err
	}
	s.Version = Version
	for i, f := range s.Feeds {
		s.Feeds[i] = s.complete(f) // hand-written files leave things out
	}
	return s, s.Validate()
}

// encode writes the document for people to read, with whatever unknown fields
// the old one had.
func encode(s Settings, old []byte) ([]byte, error) {
	data, err := json.Marshal(s)
	if err != nil {
		return nil, err
	}
	if data, err = keepUnknown(data, old); err != nil {
		return nil, err
	}
	var out bytes.Buffer
	if err := json.Indent(&out, data, "", "  "); err != nil {
		return nil, err
	}
	out.WriteByte('\n')
	return out.Bytes(), nil
}

// known are the fields that this version writes, by where they stand; what
// stands elsewhere is another version's and is kept.
var known = map[string][]string{
	"":           {"version", "front", "appearance", "network", "history", "feeds", "tokens", "views"},
	"front":      {"enabled", "address", "port"},
	"appearance": {"theme", "density", "language"},
	"network":    {"proxy", "ca", "ipv6", "connectTimeout", "answerTimeout", "bypass"},
	"history":    {"age", "events", "bytes"},
	"feed": {
		"id", "name", "kind", "url", "interval", "paused", "scene", "rate", "seed", "color", "share", "group", "mapping", "retention",
		"method", "headers", "body", "userAgent", "auth", "cursor", "subprotocols", "script", "items", "heartbeat", "delta",
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
