package settings

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write build/settings.schema.json")

const schemaFile = "../../build/settings.schema.json"

func readSchema(t *testing.T) (s schema) {
	t.Helper()
	data, err := Schema()
	must(t, err)
	must(t, json.Unmarshal(data, &s))
	return s
}

func TestTheSchemaInTheFolderIsThatOfTheTypes(t *testing.T) {
	want, err := Schema()
	must(t, err)
	if *update {
		must(t, os.WriteFile(schemaFile, want, 0o600))
	}
	got, err := os.ReadFile(schemaFile)
	must(t, err)
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("bring it up to date: go test ./backend/settings -update\n%s", diff)
	}
}

func TestTheSchemaHasEveryKnownMemberWithItsWords(t *testing.T) {
	s := readSchema(t)
	parts := map[string]schema{"": s}
	for name, v := range s["properties"].(schema) {
		parts[name] = v.(schema)
		if items, ok := v.(schema)["items"].(schema); ok {
			parts[strings.TrimSuffix(name, "s")] = items
		}
	}
	for part, names := range known {
		properties, _ := parts[part]["properties"].(schema)
		if len(properties) != len(names) {
			t.Errorf("%q has %d members, %d are known", part, len(properties), len(names))
		}
		for _, name := range names {
			if _, ok := properties[name]; !ok {
				t.Errorf("%s.%s is missing", part, name)
			}
		}
	}
	wordless(t, s, "")
}

// wordless fails for each member without a description: schemaWords needs a
// sentence for it.
func wordless(t *testing.T, s schema, path string) {
	t.Helper()
	properties, _ := s["properties"].(schema)
	if items, ok := s["items"].(schema); ok {
		wordless(t, items, path)
	}
	for name, member := range properties {
		at := strings.TrimPrefix(path+"."+name, ".")
		if member.(schema)["description"] == nil {
			t.Errorf("schemaWords has no sentence for %s", at)
		}
		wordless(t, member.(schema), at)
	}
}

func TestWhatTheProgramWritesFitsTheSchema(t *testing.T) {
	s := readSchema(t)
	full, _ := open(t, fixture(t, "settings-v1.json")).Current()
	for name, document := range map[string]Settings{"the defaults": Default(), "a full one": full} {
		data, err := encode(document)
		must(t, err)
		var v any
		must(t, json.Unmarshal(data, &v))
		if misfits := fits(s, v, ""); len(misfits) > 0 {
			t.Errorf("%s: %v", name, misfits)
		}
	}
	if got := fits(s, map[string]any{"front": map[string]any{"port": "x"}, "feeds": []any{map[string]any{"color": 13.0, "kind": "telex"}}}, ""); len(got) != 3 {
		t.Errorf("misfits: %v", got)
	}
}

// fits checks a value by what of JSON Schema is used here.
func fits(s schema, v any, at string) (misfits []string) {
	types := map[string]bool{"object": false, "array": false, "string": false, "boolean": false, "number": false, "integer": false}
	switch v := v.(type) {
	case map[string]any:
		types["object"] = true
		properties, _ := s["properties"].(schema)
		for name, member := range v {
			of, ok := properties[name].(schema)
			if !ok {
				of, ok = s["additionalProperties"].(schema)
			}
			if ok {
				misfits = append(misfits, fits(of, member, at+"."+name)...)
			}
		}
	case []any:
		types["array"] = true
		for i, item := range v {
			misfits = append(misfits, fits(s["items"].(schema), item, fmt.Sprint(at, ".", i))...)
		}
	case string:
		types["string"] = true
	case bool:
		types["boolean"] = true
	case float64:
		types["number"], types["integer"] = true, v == float64(int(v))
		least, bounded := s["minimum"].(float64)
		if most, _ := s["maximum"].(float64); bounded && (v < least || v > most) {
			misfits = append(misfits, fmt.Sprintf("%s: %v is out of bounds", at, v))
		}
	}
	if kind, ok := s["type"].(string); ok && !types[kind] {
		misfits = append(misfits, fmt.Sprintf("%s: %v is no %s", at, v, kind))
	}
	if values, ok := s["enum"].([]any); ok && !slices.Contains(values, v) {
		misfits = append(misfits, fmt.Sprintf("%s: %v is none of %v", at, v, values))
	}
	return misfits
}
