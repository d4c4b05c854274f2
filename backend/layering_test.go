// Package backend has no code of its own: its test holds the table of who may
// import whom (ARCHITECTURE.md, Map).
package backend

import (
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// allowed says which of our packages each one may import.
var allowed = map[string][]string{
	"event":          {},
	"sse":            {},
	"query":          {"event"},
	"mapping":        {"event"},
	"markup":         {"event"},
	"journal":        {"event", "query"},
	"hub":            {"event", "query"},
	"simulate":       {"event", "sse"},
	"source":         {"event", "sse", "simulate"},
	"catalogue":      {"event", "sse", "mapping", "source"}, // sse: its tests
	"secrets":        {},
	"settings":       {"secrets", "source", "mapping", "query"},
	"logs":           {},
	"server":         {"event", "sse", "query", "markup", "journal", "hub", "logs", "source", "settings"},
	"engine":         {"catalogue", "event", "sse", "query", "mapping", "journal", "hub", "logs", "secrets", "source", "settings", "server", "simulate"}, // simulate: its tests
	"cli":            {"catalogue", "engine", "event", "journal", "query", "secrets", "server", "settings", "simulate", "source", "sse"},
	"cmd/tickertape": {"cli", "frontend"},
	".":              {"catalogue"}, // the tests beside this one
}

func TestPackagesImportOnlyWhatTheTableAllows(t *testing.T) {
	seen := map[string]bool{}
	err := filepath.WalkDir(".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !strings.HasSuffix(path, ".go") || path == "layering_test.go" {
			return err
		}
		pkg := filepath.ToSlash(filepath.Dir(path))
		may, known := allowed[pkg]
		if !known {
			t.Errorf("%s: package %s is not in the table", path, pkg)
			return nil
		}
		seen[pkg] = true
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		for _, spec := range file.Imports {
			imported, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				return err
			}
			ours, isOurs := strings.CutPrefix(imported, "tickertape/")
			ours = strings.TrimPrefix(ours, "backend/")
			if isOurs && ours != pkg && !slices.Contains(may, ours) {
				t.Errorf("%s imports %s: the table doesn't allow it", path, ours)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for pkg := range allowed {
		if !seen[pkg] {
			t.Errorf("the table names %s, which doesn't exist", pkg)
		}
	}
}
