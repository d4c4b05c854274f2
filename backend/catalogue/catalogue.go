package catalogue

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"

	"tickertape/backend/mapping"
	"tickertape/backend/source"
)

//go:embed catalogue.json
var document []byte

// Preset is a feed that needs no more than a key to be added, if that.
type Preset struct {
	ID       string `json:"id"`
	Name     string `json:"name"`
	Topic    string `json:"topic"`           // the id of a Topic
	Shows    string `json:"shows"`           // a sentence
	Homepage string `json:"homepage"`        // about the service; for the demos, about nothing
	Terms    string `json:"terms,omitempty"` // what to know before using it: limits, manners, licences
	Key      *Key   `json:"key,omitempty"`   // nil: it needs none

	Feed    source.Feed     `json:"feed"` // its id and name are the preset's
	Mapping mapping.Mapping `json:"mapping,omitzero"`
}

// Key says what a feed wants from those who read it.
type Key struct {
	Name  string `json:"name"`  // what the service calls it
	Where string `json:"where"` // the page where people get one
	How   string `json:"how"`   // query, header, bearer or script; Feed.Auth, or Feed.Script by {{secret}}, has the details
}

// Topic is what presets are grouped by.
type Topic struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

type contents struct {
	Topics  []Topic  `json:"topics"`
	Presets []Preset `json:"presets"`
}

// load reads the document, once. It is part of the program: one that can't be
// read is a mistake in it, which its tests find.
var load = sync.OnceValue(func() contents {
	var c contents
	if err := json.Unmarshal(document, &c); err != nil {
		panic(fmt.Sprintf("catalogue.json: %v", err))
	}
	for i := range c.Presets {
		p := &c.Presets[i]
		p.Feed.ID, p.Feed.Name = p.ID, p.Name
	}
	return c
})

// Topics lists the topics in the order to show them.
func Topics() []Topic { return slices.Clone(load().Topics) }

// All lists the presets in the order to show them, by topic.
func All() []Preset { return slices.Clone(load().Presets) }

// Find returns the preset with this id.
func Find(id string) (Preset, bool) {
	presets := load().Presets
	i := slices.IndexFunc(presets, func(p Preset) bool { return p.ID == id })
	if i < 0 {
		return Preset{}, false
	}
	return presets[i], true
}

// Search lists the presets that have each word of text somewhere in their
// name, topic, kind, description or URL; those with it in the name come first.
// Without a word it lists all.
func Search(text string) []Preset {
	words := strings.Fields(strings.ToLower(text))
	var named, others []Preset
	for _, p := range load().Presets {
		switch {
		case hasAll(strings.ToLower(p.Name+" "+p.ID), words):
			named = append(named, p)
		case hasAll(p.haystack(), words):
			others = append(others, p)
		}
	}
	return append(named, others...)
}

func (p Preset) haystack() string {
	return strings.ToLower(strings.Join([]string{p.ID, p.Name, p.Topic, p.Shows, p.Feed.Kind, p.Feed.URL}, " "))
}

func hasAll(text string, words []string) bool {
	for _, word := range words {
		if !strings.Contains(text, word) {
			return false
		}
	}
	return true
}
