package settings

import (
	"bytes"
	"encoding"
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"time"

	"tickertape/backend/source"
)

// Schema is the settings document's JSON Schema (draft 2020-12), made from the
// types: an editor that knows it completes and checks the file. Unknown members
// are allowed, as the program keeps them.
func Schema() ([]byte, error) {
	s := schemaOf(reflect.TypeFor[Settings](), "")
	s["$schema"] = "https://json-schema.org/draft/2020-12/schema"
	s["title"] = "Settings of Tickertape"
	s["description"] = "The file settings.json in the data folder. A running Tickertape follows it. What is left out has its default."
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	err := encoder.Encode(s)
	return out.Bytes(), err
}

type schema = map[string]any

// schemaOf is the schema of what stands at a path: front.port, feeds.url.
func schemaOf(t reflect.Type, path string) schema {
	s := schema{}
	switch {
	case t == reflect.TypeFor[source.Duration]():
		s["type"], s["pattern"] = "string", `^([0-9]+(\.[0-9]+)?(ns|us|µs|ms|s|m|h))+$`
	case t == reflect.TypeFor[time.Time]():
		s["type"], s["format"] = "string", "date-time"
	case reflect.PointerTo(t).Implements(reflect.TypeFor[encoding.TextUnmarshaler]()):
		s["type"] = "string"
	default:
		s = schemaOfKind(t, path)
	}
	if words := schemaWords[path]; words != "" {
		s["description"] = words
	}
	if values := schemaValues[path]; values != nil {
		s["enum"] = values
	}
	if limits, ok := schemaLimits[path]; ok {
		s["minimum"], s["maximum"] = limits[0], limits[1]
	}
	return s
}

func schemaOfKind(t reflect.Type, path string) schema {
	switch t.Kind() {
	case reflect.Pointer:
		return schemaOf(t.Elem(), path)
	case reflect.Bool:
		return schema{"type": "boolean"}
	case reflect.Int, reflect.Int64, reflect.Uint64:
		return schema{"type": "integer"}
	case reflect.Float64:
		return schema{"type": "number"}
	case reflect.Slice:
		return schema{"type": "array", "items": schemaOf(t.Elem(), path)}
	case reflect.Map:
		return schema{"type": "object", "additionalProperties": schemaOf(t.Elem(), path)}
	case reflect.Struct:
		members := schema{}
		schemaMembers(t, path, members)
		return schema{"type": "object", "properties": members}
	default:
		return schema{"type": "string"}
	}
}

// schemaMembers adds those of a struct, and of what is embedded in it.
func schemaMembers(t reflect.Type, path string, members schema) {
	for field := range t.Fields() {
		name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		switch {
		case name == "-" || !field.IsExported():
		case field.Anonymous && name == "":
			schemaMembers(field.Type, path, members)
		default:
			members[name] = schemaOf(field.Type, strings.TrimPrefix(path+"."+name, "."))
		}
	}
}

// What a type doesn't say of a member, by its path.
var (
	schemaLimits = map[string][2]int{"front.port": {0, 65535}, "feeds.color": {1, Colors}}
	schemaValues = map[string][]string{
		"appearance.theme":    {"system", "light", "dark", "contrast"},
		"appearance.density":  {"comfortable", "compact"},
		"appearance.language": append([]string{"system"}, Languages...),
		"network.ipv6":        {source.IPv6Auto, source.IPv6Never, source.IPv6Only},
		"feeds.ipv6":          {source.IPv6Auto, source.IPv6Never, source.IPv6Only},
		"feeds.kind":          append(slices.Clone(outside), source.KindRSS, source.KindPush, source.KindSimulator, source.KindClock),
		"feeds.auth.type":     {source.AuthNone, source.AuthBasic, source.AuthBearer, source.AuthHeader, source.AuthQuery},
		"tokens.scope":        {ScopeRead, ScopePublish},
	}
)

// schemaWords say what each member is for; a test wants one for all of them.
var schemaWords = map[string]string{ //nolint:gosec // sentences about secrets
	"version":            "The version of the document. Tickertape brings older ones up to date.",
	"front":              "The front door: where other programs read the tape.",
	"front.enabled":      "Whether it is open.",
	"front.address":      "The IP address to listen at: 127.0.0.1 for this computer alone, 0.0.0.0 for the network.",
	"front.port":         "The port to listen at; 0 lets the system choose.",
	"appearance":         "How the window looks.",
	"appearance.theme":   "Which theme it has.",
	"appearance.density": "How high its rows are.",
	"feeds":              "The feeds, in the order to show them.",
	"tokens":             "The access tokens of other programs. Make them in the window or by 'tickertape token': only their hash stands here.",
	"tokens.id":          "The token's id.",
	"tokens.name":        "Who uses it.",
	"tokens.scope":       "What it allows.",
	"tokens.hash":        "The SHA-256 of the token, in hexadecimal digits.",
	"tokens.created":     "When it was made.",

	"feeds.id":             "Up to 64 lower-case letters, digits, - and _. Made from the name where it is left out. The history belongs to it.",
	"feeds.name":           "What it is called: up to 60 characters, and no other feed's name.",
	"feeds.kind":           "How it is read.",
	"feeds.url":            "Where it is read from.",
	"feeds.interval":       "The pause between two messages of the clock, or two polls: 500ms, 2s, 1h30m.",
	"feeds.paused":         "Whether it rests.",
	"feeds.color":          "Its colour.",
	"feeds.share":          "Whether the front door serves it although it uses a secret.",
	"feeds.group":          "The heading under which it stands.",
	"feeds.scene":          "What a simulator shows: ticker, league, newsroom or burst.",
	"feeds.rate":           "A simulator's events a second; 0 for the scene's own.",
	"feeds.seed":           "The number that all values of a simulator follow from.",
	"feeds.method":         "The request's method. Default: GET, or POST with a body.",
	"feeds.headers":        "Headers to send, by name.",
	"feeds.body":           "The request's body.",
	"feeds.userAgent":      "How to introduce ourselves.",
	"feeds.auth":           "Who we are to the feed's server.",
	"feeds.auth.type":      "The way to sign in.",
	"feeds.auth.name":      "The name of the header or query parameter that carries the key.",
	"feeds.auth.user":      "The user's name, for basic.",
	"feeds.auth.secret":    "The password, token or key. One that is written here is taken out at once: {{secret:…}} stands in its place.",
	"feeds.secretNames":    "Names of headers, parameters and members whose values are secrets, though they aren't called so.",
	"feeds.cursor":         "Where in an event or answer stands what fetches the ones after it.",
	"feeds.cursor.path":    "Its path, in the syntax of gjson.",
	"feeds.cursor.header":  "The header of an answer that has it, instead.",
	"feeds.cursor.param":   "The query parameter that takes it. Default: wherever {{cursor}} stands.",
	"feeds.subprotocols":   "A WebSocket's subprotocols.",
	"feeds.script":         "What to say on a WebSocket.",
	"feeds.script.waitFor": "Which message to wait for: path=value, a text it contains, or =text that it is.",
	"feeds.script.send":    "What to send then.",
	"feeds.items":          "The path of a message's events, where it holds several.",
	"feeds.heartbeat":      "Messages that are no events, one pattern a line: path=value, a text they contain, or =text that they are.",
	"feeds.delta":          "firebase: events are changes of one document.",
	"feeds.proxy":          "system, none, or a URL such as http://host:8080 or socks5://user:password@host:1080.",
	"feeds.insecure":       "Whether any certificate will do.",
	"feeds.ca":             "A PEM file, or its text, of authorities to trust besides the system's.",
	"feeds.maxEvent":       "The most bytes of an event. Default: 4 MiB.",
	"feeds.maxBody":        "The most bytes of an answer, unpacked. Default: 32 MiB.",
	"feeds.maxItems":       "The most items of an answer. Default: 1000.",
	"feeds.maxRedirects":   "The most redirects to follow. Default: 5.",
	"feeds.mapping":        "Where in a payload its fields stand, as paths of gjson. What is left out is guessed.",

	"feeds.mapping.id":       "The path of its id, which tells edited items from new ones.",
	"feeds.mapping.type":     "The path of its type.",
	"feeds.mapping.key":      "The path of what it is about: a symbol, a sensor, a match.",
	"feeds.mapping.title":    "The path of its title.",
	"feeds.mapping.text":     "The path of its text.",
	"feeds.mapping.url":      "The path of its link.",
	"feeds.mapping.value":    "The path of its number.",
	"feeds.mapping.severity": "The path of how grave it is.",
	"feeds.mapping.time":     "The path of its time.",

	"appearance.language": "Which language it speaks.",

	"network":                "How feeds reach the outside, unless they say otherwise.",
	"network.proxy":          "system, none, or a URL such as http://host:8080 or socks5://user:password@host:1080.",
	"network.ca":             "A PEM file, or its text, of authorities to trust besides the system's.",
	"network.ipv6":           "Whether to use IPv6.",
	"network.connectTimeout": "How long it may take to connect, and again to agree on TLS.",
	"network.answerTimeout":  "How long an answer may take to begin.",
	"network.bypass":         "Hosts that are reached without the proxy, apart by commas: names, addresses, or blocks like 10.0.0.0/8.",
	"feeds.clientCert":       "A PEM file, or its text, that says who we are.",
	"feeds.clientKey":        "The same of its key. Default: clientCert holds both.",
	"feeds.ipv6":             "Whether to use IPv6.",
	"feeds.connectTimeout":   "How long it may take to connect, and again to agree on TLS.",
	"feeds.answerTimeout":    "How long an answer may take to begin.",

	"views":       "Saved queries.",
	"views.id":    "The view's id.",
	"views.name":  "What it is called.",
	"views.query": "What it selects.",

	"front.origins":          "The web pages elsewhere that may read the tape, each as its exact origin: https://example.com.",
	"front.tls":              "Whether and how it is encrypted.",
	"front.tls.mode":         "off, own (a certificate that Tickertape makes) or files.",
	"front.tls.cert":         "The PEM file of the certificate, for files.",
	"front.tls.key":          "The PEM file of its key, for files.",
	"history":                "How much history is kept, of all feeds together.",
	"history.age":            "For how long events are kept: 30d, 12h.",
	"history.events":         "How many events are kept.",
	"history.bytes":          "How many bytes of events are kept.",
	"feeds.retention":        "How much of this feed's history is kept.",
	"feeds.retention.age":    "For how long its events are kept: 30d, 12h.",
	"feeds.retention.events": "How many of its events are kept.",
	"feeds.retention.bytes":  "How many bytes of its events are kept.",
}
