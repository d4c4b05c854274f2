package server

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"tickertape/backend/settings"
)

type object = map[string]any

// contract is the OpenAPI document, as a test checks answers against it.
type contract struct{ document object }

func readContract(t *testing.T) contract {
	t.Helper()
	var c contract
	must(t, json.Unmarshal(openAPI, &c.document))
	return c
}

// at follows a path of members, and references on the way.
func (c contract) at(v any, path ...string) any {
	for {
		for {
			o, _ := v.(object)
			ref, isRef := o["$ref"].(string)
			if !isRef {
				break
			}
			v = c.at(any(c.document), strings.Split(strings.TrimPrefix(ref, "#/"), "/")...)
		}
		if len(path) == 0 {
			return v
		}
		o, _ := v.(object)
		v, path = o[path[0]], path[1:]
	}
}

// check lists where a value differs from a schema, as far as the document uses
// JSON Schema.
func (c contract) check(where string, schema, value any) (wrong []string) {
	s, ok := c.at(schema).(object)
	if !ok { // true, or nothing said
		return nil
	}
	if allowed, ok := s["enum"].([]any); ok && !slices.Contains(allowed, value) {
		wrong = append(wrong, fmt.Sprintf("%s: %v is none of %v", where, value, allowed))
	}
	if want, ok := s["type"].(string); ok && !hasType(want, value) {
		return append(wrong, fmt.Sprintf("%s: %v is no %s", where, value, want))
	}
	if format := s["format"]; format == "date-time" {
		if _, err := time.Parse(time.RFC3339Nano, value.(string)); err != nil {
			wrong = append(wrong, fmt.Sprintf("%s: %v", where, err))
		}
	}
	switch value := value.(type) {
	case object:
		properties, _ := s["properties"].(object)
		required, _ := s["required"].([]any)
		for _, name := range required {
			if _, has := value[name.(string)]; !has {
				wrong = append(wrong, fmt.Sprintf("%s: no %s", where, name))
			}
		}
		for name, member := range value {
			if properties[name] == nil && s["additionalProperties"] == false {
				wrong = append(wrong, fmt.Sprintf("%s: nobody knows %s", where, name))
			}
			wrong = append(wrong, c.check(where+"."+name, properties[name], member)...)
		}
	case []any:
		for i, item := range value {
			wrong = append(wrong, c.check(fmt.Sprintf("%s.%d", where, i), s["items"], item)...)
		}
	}
	return wrong
}

func hasType(want string, value any) bool {
	switch value := value.(type) {
	case object:
		return want == "object"
	case []any:
		return want == "array"
	case string:
		return want == "string"
	case float64:
		return want == "number" || want == "integer" && value == float64(int64(value))
	}
	return false
}

func TestTheContractNamesEveryRouteOfTheFrontDoor(t *testing.T) {
	r := newRig(t)
	c := readContract(t)
	var described, served []string
	for path, methods := range c.document["paths"].(object) {
		for method := range methods.(object) {
			described = append(described, strings.ToUpper(method)+" "+path)
		}
	}
	for _, route := range r.frontRoutes() {
		served = append(served, route.pattern)
	}
	slices.Sort(described)
	slices.Sort(served)
	diff(t, "routes", served, described)
	got := r.do(t, ask{path: "/openapi.json"})
	if got.status != 200 || got.header.Get("Content-Type") != "application/json" || got.body != string(openAPI) {
		t.Errorf("/openapi.json: %d", got.status)
	}
	// Every reference leads somewhere.
	var walk func(any)
	walk = func(v any) {
		switch v := v.(type) {
		case object:
			if ref, ok := v["$ref"].(string); ok && c.at(v) == nil {
				t.Errorf("nothing is at %s", ref)
			}
			for _, member := range v {
				walk(member)
			}
		case []any:
			for _, item := range v {
				walk(item)
			}
		}
	}
	walk(c.document)
}

func TestAnswersAreAsTheContractSays(t *testing.T) {
	r := build{feeds: pushFeeds + "," + paused("a")}.run(t)
	r.read(t, ask{path: "/event_stream?last=1"}).next(t)
	r.add(t, varied()...)
	c := readContract(t)
	token := map[string]string{"Authorization": "Bearer " + r.token(t, "x", settings.ScopePublish), "Content-Type": "application/json"}
	for _, row := range []struct {
		ask
		path   string // in the document
		status string
	}{
		{ask{path: "/events?limit=3"}, "/events", "200"},
		{ask{path: "/events/" + r.id(4)}, "/events/{id}", "200"},
		{ask{path: "/poll?last=100"}, "/poll", "200"},
		{ask{path: "/poll?after=elsewhere-9"}, "/poll", "200"},
		{ask{path: "/feeds"}, "/feeds", "200"},
		{ask{path: "/healthz"}, "/healthz", "200"},
		{ask{path: "/openapi.json"}, "/openapi.json", "200"},
		{ask{method: "POST", path: "/feeds/hooks/events?id=1", body: "{}", header: token}, "/feeds/{feed}/events", "202"},
		{ask{method: "POST", path: "/feeds/hooks/events?id=1", body: "{}", header: token}, "/feeds/{feed}/events", "202"},
		{ask{method: "POST", path: "/feeds/clock/events", body: "{}", header: token}, "/feeds/{feed}/events", "default"},
		{ask{path: "/poll?q=("}, "/poll", "default"},
		{ask{path: "/ws"}, "/ws", "default"},
		{ask{path: "/events/x"}, "/events/{id}", "default"},
		{ask{path: "/event_stream?format=x"}, "/event_stream", "default"},
	} {
		got := r.do(t, row.ask)
		method := strings.ToLower(row.method)
		if method == "" {
			method = "get"
		}
		response := c.at(c.document, "paths", row.path, method, "responses", row.status)
		kind, _, _ := strings.Cut(got.header.Get("Content-Type"), ";")
		media, ok := c.at(response, "content", kind).(object)
		if !ok || row.status != "default" && fmt.Sprint(got.status) != row.status {
			t.Errorf("%s: %d %s is not described", row.ask.path, got.status, kind)
			continue
		}
		var value any
		must(t, json.Unmarshal([]byte(got.body), &value))
		for _, wrong := range c.check("answer", media["schema"], value) {
			t.Errorf("%s: %s", row.ask.path, wrong)
		}
	}
	// The events of a stream are those of a list.
	stream := r.read(t, ask{path: "/event_stream?format=json&last=5"})
	for range 5 {
		var value any
		must(t, json.Unmarshal([]byte(stream.next(t).Data), &value))
		for _, wrong := range c.check("event", object{"$ref": "#/components/schemas/Event"}, value) {
			t.Error(wrong)
		}
	}
}

// Each parameter that the document bounds is refused beyond its bounds.
func TestTheContractsBoundsHold(t *testing.T) {
	r := build{feeds: paused("a")}.run(t)
	c := readContract(t)
	checked := 0
	for path, methods := range c.document["paths"].(object) {
		parameters, _ := c.at(methods, "get", "parameters").([]any)
		for _, p := range parameters {
			name, _ := c.at(p, "name").(string)
			schema, _ := c.at(p, "schema").(object)
			for _, bound := range []string{"minimum", "maximum"} {
				limit, ok := schema[bound].(float64)
				if !ok || path == "/ws" { // whose handshake is looked at first
					continue
				}
				beyond := int(limit) - 1
				if bound == "maximum" {
					beyond = int(limit) + 1
				}
				r.do(t, ask{path: fmt.Sprintf("%s?run=x&via=sse&format=json&%s=%d", path, name, beyond)}).problem(t, 400)
				checked++
			}
		}
	}
	if checked < 6 {
		t.Errorf("only %d bounds were checked", checked)
	}
}
