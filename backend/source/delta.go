package source

import (
	"cmp"
	"errors"
	"hash/maphash"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/tidwall/gjson"

	"tickertape/backend/event"
)

// DeltaFirebase is Feed.Delta for Firebase's streams of one JSON document:
// events "put" and "patch" whose data is {"path","data"}. Each connection begins
// with the whole document again.
const DeltaFirebase = "firebase"

// delta turns snapshots of a document and changes to it into events: one for
// each of its children that is new or changed. It remembers the children by
// hash; each event's id says which child it is, so that after a restart the
// journal drops what it has.
type delta struct {
	most int // children in a change; what is beyond isn't told
	seen map[string]uint64
}

// keptChildren bounds what is remembered, in multiples of the limit. What is
// forgotten and comes again the journal knows.
const keptChildren = 4

var (
	errNotFirebase = errors.New(`a change without "path" and "data"`)
	errManyChanges = errors.New("a change with more children than the limit: the oldest were left out")
)

// changes are the events that one of Firebase's makes, oldest first. What else
// it sends (keep-alive) is none.
func (d *delta) changes(typ string, data []byte, at time.Time) (raws []event.Raw, err error) {
	if typ != "put" && typ != "patch" {
		return nil, nil
	}
	doc := gjson.ParseBytes(data)
	path, value := doc.Get("path"), doc.Get("data")
	if !gjson.ValidBytes(data) || path.Type != gjson.String || !value.Exists() {
		return nil, errNotFirebase
	}
	children := childrenOf(strings.Trim(path.Str, "/"), typ == "patch", value)
	snapshot := typ == "put" && path.Str == "/"
	if more := len(children) - d.most; more > 0 {
		children, err = children[more:], errManyChanges
	}
	seen := d.seen
	if snapshot || len(seen)+len(children) > keptChildren*d.most || seen == nil {
		d.seen = make(map[string]uint64, len(children))
	}
	for _, c := range children {
		hash := maphash.String(seed, c.value)
		before, known := seen[c.name]
		d.seen[c.name] = hash
		if !known || before != hash {
			// A patch is nothing but several puts: after a restart the same child may come by the other.
			raws = append(raws, event.Raw{Type: "put", Data: []byte(c.value), ID: c.name, ReceivedAt: at})
		}
	}
	return raws, err
}

// child is a part of the document: its name is its path, or what it is where
// that is an id in a list, whose place changes.
type child struct{ name, value string }

// childrenOf takes a changed value apart, oldest child first. A list with holes in it
// comes with nulls, or as an object of what is there by its place.
func childrenOf(path string, patch bool, value gjson.Result) []child {
	var children []child
	add := func(name string, v gjson.Result) {
		at := strings.TrimPrefix(path+"/"+name, "/")
		switch {
		case v.Type == gjson.Null: // it was removed
		case isPlace(name) && (v.Type == gjson.Number || v.Type == gjson.String):
			children = append(children, child{v.Raw, v.Raw})
		default:
			children = append(children, child{"/" + at, v.Raw})
		}
	}
	list := value.IsArray()
	switch {
	case list:
		for i, v := range value.Array() {
			add(strconv.Itoa(i), v)
		}
	case value.IsObject() && (path == "" || patch):
		list = true
		for _, m := range membersOf(value) {
			list = list && isPlace(m.name)
			add(m.name, m.value)
		}
	default:
		parent, name := "", path
		if i := strings.LastIndexByte(path, '/'); i >= 0 {
			parent, name = path[:i], path[i+1:]
		}
		path = parent
		add(name, value)
	}
	toOldestFirst(children, list)
	return children
}

// isPlace reports whether a child's name is its place in a list.
func isPlace(name string) bool {
	_, err := strconv.ParseUint(name, 10, 31)
	return err == nil
}

type member struct {
	name  string
	value gjson.Result
}

// membersOf are those of an object, with places in their order.
func membersOf(object gjson.Result) (members []member) {
	object.ForEach(func(name, v gjson.Result) bool {
		members = append(members, member{name.Str, v})
		return true
	})
	slices.SortStableFunc(members, func(a, b member) int {
		i, errA := strconv.ParseUint(a.name, 10, 31)
		j, errB := strconv.ParseUint(b.name, 10, 31)
		if errA != nil || errB != nil {
			return 0
		}
		return cmp.Compare(i, j)
	})
	return members
}

// toOldestFirst orders children by their times where all have one. A list without
// is as services have lists: its ends tell.
func toOldestFirst(children []child, list bool) {
	values := make([]gjson.Result, len(children))
	for i, c := range children {
		values[i] = gjson.Parse(c.value)
	}
	for _, path := range timePaths() {
		times := make(map[string]string, len(children))
		for i, c := range children {
			if at := values[i].Get(path); at.Type == gjson.String || at.Type == gjson.Number {
				times[c.name] = at.String()
			}
		}
		if len(times) == len(children) && len(times) > 1 && sameForm(times) {
			slices.SortStableFunc(children, func(a, b child) int { return cmp.Compare(times[a.name], times[b.name]) })
			return
		}
	}
	if list && newestFirst(values) {
		slices.Reverse(children)
	}
}

// timePaths are where a child says when it came about.
func timePaths() []string {
	return slices.DeleteFunc(slices.Clone(orderPaths), func(path string) bool { return path == "id" || path == "@this" })
}

// sameForm reports whether times compare as text: they do where they are of one length.
func sameForm(times map[string]string) bool {
	length := 0
	for _, t := range times {
		if length == 0 {
			length = len(t)
		}
		if len(t) != length || length < 10 {
			return false
		}
	}
	return true
}
