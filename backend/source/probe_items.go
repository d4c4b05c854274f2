package source

import (
	"strings"

	"github.com/tidwall/gjson"
)

const (
	itemsDepth  = 4
	mostMembers = 100 // of an object are looked into
)

// itemNames are what arrays of items are called; one of them counts even with a
// single object in it, or with none.
var itemNames = " items data events results entries records messages features posts articles list incidents alerts updates rows values hits documents stories news "

// findItems is the path of the array of objects in a document that most likely
// holds its items: the longest one; of equals the outermost. "" for none: the
// document is one.
func findItems(doc gjson.Result) string {
	best, most := "", 0
	var visit func(path, name string, at gjson.Result, depth int)
	visit = func(path, name string, at gjson.Result, depth int) {
		if at.IsArray() {
			if n := worth(name, at); n > most {
				best, most = path, n
			}
			return
		}
		members := 0
		at.ForEach(func(key, member gjson.Result) bool {
			members++
			if depth < itemsDepth && key.Str != "" && (member.IsArray() || member.IsObject()) {
				visit(strings.TrimPrefix(path+"."+gjson.Escape(key.Str), "."), key.Str, member, depth+1)
			}
			return members < mostMembers
		})
	}
	if doc.IsArray() {
		visit("@this", "items", doc, 0)
	} else if doc.IsObject() {
		visit("", "", doc, 0)
	}
	return best
}

// worth is how many items an array may have, 0 if it has none: something else
// than objects, or a single one under a name that says nothing.
func worth(name string, array gjson.Result) (n int) {
	objects := true
	array.ForEach(func(_, element gjson.Result) bool {
		n++
		objects = element.IsObject()
		return objects
	})
	named := strings.Contains(itemNames, " "+strings.ToLower(name)+" ")
	switch {
	case !objects, n < 2 && !named:
		return 0
	case n == 0:
		return 1 // at the moment
	}
	return n + 1
}
