package settings

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"unicode"
)

// nameFromURL is what a feed is called whose owner didn't say: its host, and
// the port if it has one. "" when the URL has no host.
func nameFromURL(raw string) string {
	u, err := url.Parse(raw)
	if err != nil || u.Host == "" {
		return ""
	}
	return strings.TrimPrefix(u.Host, "www.")
}

// titled is a word as a name begins.
func titled(word string) string {
	if word == "" {
		return ""
	}
	return strings.ToUpper(word[:1]) + word[1:]
}

// slug makes an id of a name: its letters and digits in lower case, joined by
// hyphens; otherwise where it has no Latin letter.
func slug(name, otherwise string) string {
	var b strings.Builder
	for _, r := range strings.ToLower(name) {
		switch {
		case r < unicode.MaxASCII && (unicode.IsLetter(r) || unicode.IsDigit(r)):
			b.WriteRune(r)
		case b.Len() > 0 && !strings.HasSuffix(b.String(), "-"):
			b.WriteByte('-')
		}
		if b.Len() >= 48 {
			break
		}
	}
	if id := strings.Trim(b.String(), "-"); id != "" {
		return id
	}
	return otherwise
}

// freeID is base, with a number behind it if it is taken.
func (s *Settings) freeID(base string) string {
	return free(base, "-", func(id string) bool { return s.Feed(id) < 0 })
}

func (s *Settings) freeName(base string) string {
	if base == "" {
		return ""
	}
	return free(base, " ", func(name string) bool {
		return !slices.ContainsFunc(s.Feeds, func(f Feed) bool { return strings.EqualFold(f.Name, name) })
	})
}

func free(base, separator string, isFree func(string) bool) string {
	for n := 1; ; n++ {
		candidate := base
		if n > 1 {
			candidate = fmt.Sprintf("%s%s%d", base, separator, n)
		}
		if isFree(candidate) {
			return candidate
		}
	}
}

// freeColor is the colour that the fewest feeds have.
func (s *Settings) freeColor() int {
	var used [Colors]int
	for _, f := range s.Feeds {
		if f.Color >= 1 && f.Color <= Colors {
			used[f.Color-1]++
		}
	}
	best := 0
	for i, n := range used {
		if n < used[best] {
			best = i
		}
	}
	return best + 1
}
