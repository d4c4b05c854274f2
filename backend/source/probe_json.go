package source

import (
	"bytes"
	"context"
	"strings"
	"time"

	"github.com/tidwall/gjson"
)

// json is a JSON Feed, lines of JSON, or a document to be polled.
func (p *prober) json(ctx context.Context, r *reply, f Feed) error {
	body, whole := r.body.await(ctx, pauseOfLines, func(start []byte) bool { return linesOfJSON(start) > 1 })
	if n := linesOfJSON(body); n > 1 || (n == 1 && !whole) {
		f.Kind = KindNDJSON
		return p.readOn(ctx, r, f)
	}
	body, whole = r.body.await(ctx, p.wait, func([]byte) bool { return false })
	p.hubs(r)
	body = trimmed(body)
	doc := gjson.ParseBytes(body)
	title := doc.Get("title")
	if !title.Exists() || title.Type != gjson.String {
		title = doc.Get("metadata.title")
	}
	if title.Type == gjson.String && f.Name == "" {
		f.Name = oneLine(title.Str)
	}
	switch {
	case !whole:
		return errNothingYet
	case strings.Contains(doc.Get("version").Str, "jsonfeed.org/version/"):
		f.Kind = KindRSS
		return p.readOn(ctx, r, f)
	case len(body) <= f.maxBody() && !gjson.ValidBytes(body):
		return errNotJSON
	}
	f.Kind = KindPoll
	if f.Items == "" {
		f.Items = findItems(doc)
	}
	if f.Interval == 0 {
		f.Interval = Duration(freshFor(r.resp.Header))
	}
	if name := cursorName(doc); name != "" {
		p.note("The answer says what comes next (" + name + "): if the server holds requests until there is news, this is long polling, of the kind longpoll with a cursor.")
	}
	if r.held > heldFor {
		p.note("The server held the request for " + r.held.Round(time.Second).String() + ": it may be meant for long polling (kind longpoll).")
	}
	return p.readOn(ctx, r, f)
}

// cursorName is the member of a document that names where the next one begins.
func cursorName(doc gjson.Result) string {
	for _, name := range []string{"next", "cursor", "next_cursor", "nextCursor", "next_batch", "last_id"} {
		if at := doc.Get(name); at.Type == gjson.String && at.Str != "" && !strings.Contains(at.Str, "/") {
			return name
		}
	}
	return ""
}

// linesOfJSON counts the objects that a text has on lines of their own, two at
// most; 0 if it isn't made of such lines.
func linesOfJSON(text []byte) (n int) {
	const longest = 1 << 20
	text = text[:min(len(text), longest)]
	for line := range bytes.Lines(text) {
		if line[len(line)-1] != '\n' {
			return n
		}
		line = bytes.Trim(line, " \t\r\n\x1e")
		switch {
		case len(line) == 0:
		case line[0] != '{' || !gjson.ValidBytes(line):
			return 0
		case n == 1:
			return 2
		default:
			n++
		}
	}
	return n
}

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
