package simulate

import (
	"fmt"
	"strings"
	"time"

	"tickertape/backend/event"
)

// story is one version of a newspaper story.
type story struct {
	ID        string    `json:"id"`
	Title     string    `json:"title"`
	Summary   string    `json:"summary"`
	Category  string    `json:"category"`
	Author    string    `json:"author"`
	URL       string    `json:"url"`
	Edited    bool      `json:"edited,omitempty"`
	Published time.Time `json:"published,omitzero"`
	Updated   time.Time `json:"updated,omitzero"` // of an edit
}

// Newsroom makes event n: a new story, or another version of an earlier one, with its id.
func Newsroom(seed, n uint64, now time.Time) event.Raw {
	s := storyAt(seed, n)
	if s.Edited {
		s.Updated = now.UTC() // when it was first published, only a memory could tell
	} else {
		s.Published = now.UTC()
	}
	raw := numbered("newsroom", s.Category, seed, n, now, encode(s))
	raw.ID = s.ID
	return raw
}

// storyAt is what event n says. The times are left to the caller.
func storyAt(seed, n uint64) story {
	first, edited := firstVersion(seed, n)
	r := dice(seed, "story", first)
	s := story{ID: sceneID("newsroom", seed, first), Category: pick(r, categories), Author: pick(r, givenNames) + " " + pick(r, familyNames)}
	s.Title = headline(r.IntN, s.Category)
	s.Summary = fmt.Sprintf("%s %s, %s.", pick(r, leads), pick(r, witnesses), pick(r, outlooks))
	s.URL = fmt.Sprintf("https://example.com/%s/%d-%s", s.Category, first, slug(s.Title))
	if edited {
		e := dice(seed, "edit", n)
		s.Edited = true
		s.Title += " " + pick(e, []string{"(updated)", "(correction)", "(new figures)", "(as it happened)"})
		s.Summary += fmt.Sprintf(" Revised with %d more voices.", 2+e.IntN(40))
	}
	return s
}

// firstVersion is the event whose story event n tells: n itself, or one of the four before
// it if this is an edit. An edit isn't edited.
func firstVersion(seed, n uint64) (first uint64, edited bool) {
	r := dice(seed, "edit?", n)
	if n < 4 || r.IntN(6) != 0 {
		return n, false
	}
	first = n - 1 - uint64(r.IntN(4))
	if _, edited := firstVersion(seed, first); edited {
		return n, false
	}
	return first, true
}

func headline(intN func(int) int, category string) string {
	choose := func(words []string) string { return words[intN(len(words))] }
	subject := choose(subjects[category])
	return fmt.Sprintf("%s %s %s in %s", subject, choose(verbs), choose(objects), choose(towns))
}

// slug is a title as part of an address.
func slug(title string) string {
	var b strings.Builder
	for word := range strings.FieldsSeq(strings.ToLower(title)) {
		if b.Len() > 0 {
			b.WriteByte('-')
		}
		for _, c := range word {
			if c >= 'a' && c <= 'z' || c >= '0' && c <= '9' {
				b.WriteRune(c)
			}
		}
	}
	return b.String()
}
