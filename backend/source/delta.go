package source

import (
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
			raws = append(raws, event.Raw{Type: typ, Data: []byte(c.value), ID: c.name, ReceivedAt: at})
		}
	}
	return raws, err
}

// child is a part of the document: its name is its path, or what it is where
// that is an id in a list, whose place changes.
type child struct{ name, value string }

// childrenOf takes a changed value apart. A list comes oldest first.
func childrenOf(path string, patch bool, value gjson.Result) []child {
	var children []child
	add := func(at string, v gjson.Result) {
		_, notIndex := strconv.Atoi(at[strings.LastIndexByte(at, '/')+1:])
		if notIndex == nil && (v.Type == gjson.Number || v.Type == gjson.String) {
			children = append(children, child{v.Raw, v.Raw})
		} else if v.Type != gjson.Null { // null: it was removed
			children = append(children, child{"/" + at, v.Raw})
		}
	}
	switch {
	case value.IsArray():
		elements := value.Array()
		order := slices.Clone(elements)
		turned := newestFirst(order)
		for i, v := range elements {
			add(strings.TrimPrefix(path+"/"+strconv.Itoa(i), "/"), v)
		}
		if turned {
			slices.Reverse(children)
		}
	case value.IsObject() && (path == "" || patch):
		value.ForEach(func(name, v gjson.Result) bool {
			add(strings.TrimPrefix(path+"/"+name.Str, "/"), v)
			return true
		})
	default:
		add(path, value)
	}
	return children
}
