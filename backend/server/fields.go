package server

import (
	"cmp"
	"net/http"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/tidwall/gjson"

	"tickertape/backend/event"
)

const (
	// sampledEvents is how many of the newest events are looked at for the
	// fields that they have.
	sampledEvents = 300
	maxFields     = 200 // and so many of them are told
	maxValues     = 40  // of each field
	maxFieldDepth = 4   // of a path into JSON
	maxValueRunes = 60  // a longer value is no suggestion
	maxElements   = 3   // of a list in JSON
	maxPayload    = 64 << 10
)

// fieldSample is a field that events have, with values seen in it.
type fieldSample struct {
	Name   string        `json:"name"` // as a query has it: type, data.user.name
	Count  int           `json:"count"`
	Values []valueSample `json:"values"` // the most frequent first
}

type valueSample struct {
	Value string `json:"value"`
	Count int    `json:"count"`
}

// readQuery is GET /query: what a query means. One that can't be understood is
// a problem that names the place.
func (s reads) readQuery(w http.ResponseWriter, r *http.Request) error {
	x, err := parseQuery(r.URL.Query().Get("q"))
	if err != nil {
		return err
	}
	return writeJSON(w, http.StatusOK, map[string]string{"query": x.String()})
}

// listFields is GET /fields: which fields the newest events of a selection have,
// and values seen in them; what a query can ask for.
func (s reads) listFields(w http.ResponseWriter, r *http.Request) error {
	sel, sharing, err := s.selection(r, r.URL.Query())
	if err != nil {
		return err
	}
	events, err := s.cfg.Journal.ReadBack(r.Context(), sharing.filter(sel), 0, s.cfg.Hub.Head(), sampledEvents)
	if err != nil {
		return err
	}
	return writeJSON(w, http.StatusOK, map[string]any{"fields": sampleFields(events)})
}

// sampler counts values by field.
type sampler map[string]*fieldCount

type fieldCount struct {
	n      int
	values map[string]int
}

func sampleFields(events []event.Event) []fieldSample {
	s := sampler{}
	for i := range events {
		s.event(&events[i])
	}
	list := make([]fieldSample, 0, len(s))
	for name, field := range s {
		list = append(list, fieldSample{name, field.n, field.most()})
	}
	slices.SortFunc(list, func(a, b fieldSample) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), strings.Compare(a.Name, b.Name))
	})
	return list
}

func (s sampler) event(e *event.Event) {
	s.add("feed", e.Feed)
	s.add("type", e.Type)
	for name, value := range map[string]string{"key": e.Key, "severity": e.Severity, "value": e.Value} {
		if value != "" {
			s.add(name, value)
		}
	}
	for name, text := range map[string]string{"id": e.SourceID, "title": e.Title, "text": e.Text, "url": e.URL} {
		if text != "" {
			s.add(name, "")
		}
	}
	if e.JSON && len(e.Data) <= maxPayload {
		s.json("data", gjson.ParseBytes(e.Data), maxFieldDepth)
	}
}

// json adds what stands in a JSON value.
func (s sampler) json(path string, v gjson.Result, depth int) {
	if depth == 0 && v.Type == gjson.JSON {
		return
	}
	switch {
	case v.IsObject():
		v.ForEach(func(key, value gjson.Result) bool {
			s.json(path+"."+pathName(key.Str), value, depth-1)
			return true
		})
	case v.IsArray():
		n := 0
		v.ForEach(func(_, value gjson.Result) bool {
			n++
			s.json(path, value, depth-1)
			return n < maxElements
		})
	case v.Type == gjson.Number:
		s.add(path, v.Raw)
	default:
		s.add(path, v.String())
	}
}

// pathName is a name in a path of a query: in quotes where it must be.
func pathName(name string) string {
	if name != "" && !strings.ContainsAny(name, " \t\r\n()\".:<>=!,") {
		return name
	}
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(name) + `"`
}

// add counts one value of a field, as far as there is room.
func (s sampler) add(name, value string) {
	field := s[name]
	if field == nil {
		if len(s) >= maxFields {
			return
		}
		field = &fieldCount{values: map[string]int{}}
		s[name] = field
	}
	field.n++
	if value == "" || len(value) > 4*maxValueRunes || utf8.RuneCountInString(value) > maxValueRunes || strings.ContainsAny(value, "\r\n") {
		return
	}
	if _, known := field.values[value]; known || len(field.values) < sampledEvents {
		field.values[strings.Clone(value)]++
	}
}

// most are the most frequent values.
func (f *fieldCount) most() []valueSample {
	list := make([]valueSample, 0, len(f.values))
	for value, n := range f.values {
		list = append(list, valueSample{value, n})
	}
	slices.SortFunc(list, func(a, b valueSample) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), strings.Compare(a.Value, b.Value))
	})
	return list[:min(len(list), maxValues)]
}
