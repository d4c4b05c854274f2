package mapping

import (
	"strings"

	"github.com/tidwall/gjson"
)

// field is one that can be guessed.
type field int

const (
	keyField field = iota
	titleField
	textField
	urlField
	valueField
	severityField
	timeField
	fieldCount
)

// A guess is the cheapest member that fits its field. What a member costs is
// what its name costs, and levelCost for each object around it: a title one
// level down is a better title than a name outside, but one further down is
// more likely that of a part.
const (
	levelCost = 3
	maxDepth  = 5
	costLimit = 30

	shallow   = costLimit - 2*levelCost + 1 // for names that mean it in the two outer levels only
	outermost = costLimit - levelCost + 1
)

// names are what feeds call each field: folded, the cost before each group.
// Names of one letter are those of the large exchanges.
var names = []struct {
	field field
	cost  int
	names string
}{
	{keyField, 0, "symbol productid ticker pair instrument entityid"},
	{keyField, 4, "sensor sensorid device deviceid sym"},
	{keyField, 8, "key"},
	{keyField, shallow, "s"},
	{keyField, outermost, "topic"},

	{titleField, 0, "title headline"},
	{titleField, 4, "name subject shortname pagetitle"},
	{titleField, 8, "friendlyname displayname"},
	{titleField, 12, "summary"},
	{titleField, 16, "cn place"}, // of a certificate, of an earthquake

	{textField, 0, "text message msg contenttext"},
	{textField, 4, "body content contenthtml"},
	{textField, 8, "description"},
	{textField, 12, "comment summary detail details"},
	{textField, 16, "reason state"},

	{urlField, 0, "htmlurl permalink"},
	{urlField, 4, "url link notifyurl"},
	{urlField, 8, "titleurl href externalurl"},
	{urlField, 12, "uri website"},

	{valueField, 0, "value price last lastprice"},
	{valueField, 4, "amount mag magnitude rate"},
	{valueField, 8, "score temperature temp"},
	{valueField, 16, "state usd"},
	{valueField, shallow, "c p"},

	{severityField, 0, "severity level loglevel"},
	{severityField, 4, "impact priority"},

	{timeField, 0, "time timestamp ts datetime dt eventtime timefired timeus"},
	{timeField, 4, "publishedat published datepublished pubdate sent seen timetag issuedatetime"},
	{timeField, 8, "createdat created createdutc date"},
	{timeField, 12, "updatedat updated modified lastupdated lastchanged now"},
	{timeField, shallow, "e t"},
}

// aside are objects about something other than the event itself: who made it,
// what was before it, what goes with it.
const aside = "actor user author account owner sender creator performer source org organization issuer application app " +
	"context headers links card old oldstate previous before reblog"

// wrappers are what arrays are called that envelope an event.
const wrappers = "data payload items events results records messages entries choices"

// role is what a name means to the guesser.
type role struct {
	claims  []claim
	aside   bool
	wrapper bool
}

type claim struct {
	field field
	cost  int
}

var roles = newRoles()

func newRoles() map[string]role {
	roles := map[string]role{}
	set := func(names string, change func(*role)) {
		for name := range strings.FieldsSeq(names) {
			r := roles[name]
			change(&r)
			roles[name] = r
		}
	}
	for _, group := range names {
		set(group.names, func(r *role) { r.claims = append(r.claims, claim{group.field, group.cost}) })
	}
	set(aside, func(r *role) { r.aside = true })
	set(wrappers, func(r *role) { r.wrapper = true })
	return roles
}

// roleOf looks a name up regardless of case, underscores and the like:
// createdAt, created_at and @created-at are one.
func roleOf(name string) role {
	var folded [20]byte // longer than any name that means something
	n := 0
	for i := range len(name) {
		c := name[i]
		switch {
		case c >= 'A' && c <= 'Z':
			c += 'a' - 'A'
		case c < '0' || c > '9' && c < 'a' || c > 'z' && c < 0x80:
			continue
		}
		if n == len(folded) {
			return role{}
		}
		folded[n] = c
		n++
	}
	return roles[string(folded[:n])]
}

type guess struct {
	value  gjson.Result
	cost   int
	member int // which member it is, counted from 1
}

// guesser walks through a document once.
type guesser struct {
	best    [fieldCount]guess
	depth   int
	members int // seen so far
	visit   func(name, value gjson.Result) bool
}

func (g *guesser) document(doc gjson.Result) {
	g.visit = g.member // once: a method value is an allocation
	if doc.IsArray() {
		doc = only(doc)
	}
	if doc.IsObject() {
		doc.ForEach(g.visit)
	}
	// One member for both would say everything twice.
	if title, text := g.best[titleField], g.best[textField]; title.member == text.member && text.member > 0 {
		g.best[textField].value = gjson.Result{}
	}
}

func (g *guesser) member(name, value gjson.Result) bool {
	g.members++
	role := roleOf(name.Str)
	if value.Type == gjson.JSON {
		g.descend(role, value)
		return true
	}
	for _, claim := range role.claims {
		cost := claim.cost + levelCost*g.depth
		if best := &g.best[claim.field]; cost < best.cost && fits(claim.field, value) {
			*best = guess{value, cost, g.members}
		}
	}
	return true
}

func (g *guesser) descend(role role, value gjson.Result) {
	if role.aside || g.depth == maxDepth {
		return
	}
	if role.wrapper && value.IsArray() {
		value = only(value)
	}
	if value.IsObject() {
		g.depth++
		value.ForEach(g.visit)
		g.depth--
	}
}

// only is the one element of an array that has one, or nothing: which of
// several would speak for all?
func only(array gjson.Result) gjson.Result {
	var element gjson.Result
	n := 0
	array.ForEach(func(_, value gjson.Result) bool {
		element = value
		n++
		return n < 2
	})
	if n != 1 {
		return gjson.Result{}
	}
	return element
}

// fits reports whether a member's value is one that its field can have.
func fits(field field, value gjson.Result) bool {
	switch field {
	case valueField:
		return number(value) != ""
	case timeField:
		return !parseTime(value).IsZero()
	}
	if value.Type != gjson.String || value.Str == "" {
		return false
	}
	switch field {
	case keyField:
		return len(value.Str) <= 200
	case urlField:
		return beginsLikeURL(value.Str)
	case severityField:
		return severity(value.Str) != ""
	}
	return !beginsLikeURL(value.Str) // "detail" and the like may be addresses
}
