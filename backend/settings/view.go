package settings

import (
	"errors"
	"fmt"
	"strings"

	"tickertape/backend/query"
)

// MaxViews is how many views can be saved: each is matched with every event.
const MaxViews = 50

// View is a query that was saved under a name.
type View struct {
	ID    string `json:"id"`
	Name  string `json:"name"`
	Query string `json:"query"`
}

// SetViews puts a list in the place of the saved views; those without an id get
// one of their name. The settings are changed only if the result is valid.
func (s *Settings) SetViews(views []View) error {
	next := s.Clone()
	next.Views = []View{}
	for _, v := range views {
		v.Name, v.Query = strings.TrimSpace(v.Name), strings.TrimSpace(v.Query)
		if v.ID == "" {
			v.ID = free(slug(v.Name, "view"), "-", func(id string) bool { return !hasView(views, id) && !hasView(next.Views, id) })
		}
		next.Views = append(next.Views, v)
	}
	if err := next.Validate(); err != nil {
		return err
	}
	*s = next
	return nil
}

func hasView(views []View, id string) bool {
	for _, v := range views {
		if v.ID == id {
			return true
		}
	}
	return false
}

func (s Settings) viewProblems() Invalid {
	problems := Invalid{}
	if n := len(s.Views); n > MaxViews {
		problems["views"] = fmt.Sprintf("There are at most %d saved views; these are %d.", MaxViews, n)
	}
	for i, v := range s.Views {
		switch n := len([]rune(v.Name)); {
		case n == 0:
			problems["name"] = "Give the view a name."
		case n > 60:
			problems["name"] = fmt.Sprintf("A name has at most 60 characters; this one has %d.", n)
		}
		_, err := query.Parse(v.Query)
		if wrong, ok := errors.AsType[*query.Error](err); ok {
			problems["query"] = fmt.Sprintf("The query of %q can't be understood: %s", v.Name, wrong.Message)
		}
		if v.ID == "" {
			problems["id"] = "A view needs an id."
		}
		for _, other := range s.Views[:i] {
			if other.ID == v.ID {
				problems["id"] = fmt.Sprintf("There is a view with the id %q already.", v.ID)
			}
			if strings.EqualFold(other.Name, v.Name) {
				problems["name"] = fmt.Sprintf("There is a view called %q already.", other.Name)
			}
		}
	}
	return problems
}

// Order puts the feeds in the order of their ids in a list. Those that it leaves
// out follow in the order they had: somebody may have added one meanwhile.
func (s *Settings) Order(ids []string) {
	next := make([]Feed, 0, len(s.Feeds))
	taken := map[string]bool{}
	for _, id := range ids {
		if i := s.Feed(id); i >= 0 && !taken[id] {
			next = append(next, s.Feeds[i])
			taken[id] = true
		}
	}
	for _, f := range s.Feeds {
		if !taken[f.ID] {
			next = append(next, f)
		}
	}
	s.Feeds = next
}
