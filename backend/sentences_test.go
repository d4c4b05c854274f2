package backend

import (
	"cmp"
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"tickertape/backend/catalogue"
)

// spoken are the files whose sentences reach the window. Each must be in the
// window's other languages.
var spoken = []string{
	"../app.go", "engine/explain.go", "journal/explain.go", "query/parse*.go", "query/pattern.go", "secrets/*.go", "server/*.go",
	"settings/*.go", "source/*.go",
}

// foreign are those among them that speak to other programs alone: to readers
// and publishers at the front door, or to who edits the settings by hand.
var foreign = []string{
	"server/guard.go", "server/lines.go", "server/metrics.go", "server/pages.go", "server/params.go", "server/poll.go",
	"server/publish.go", "server/publishing.go", "server/tokens.go", "server/transports.go", "server/ws.go", "settings/schema.go",
}

// phrases are the files whose errors, in lower case and without a full stop,
// stand in sentences of others or are made sentences.
var phrases = []string{
	"../app.go", "query/pattern.go", "secrets/ring.go", "secrets/seal.go", "secrets/secrets.go", "settings/locate.go",
	"settings/retention.go", "source/feed.go", "source/probe_ask.go", "source/probe_listen.go", "source/probe_page.go", "sse/errors.go",
}

// TestSentencesAreInAllLanguages proves that the window can say each sentence of
// the server in each of its languages, and that it knows none that nobody says.
func TestSentencesAreInAllLanguages(t *testing.T) {
	said := map[string]bool{}
	for _, file := range matching(t, slices.Concat(spoken, phrases)) {
		if slices.Contains(foreign, file) || strings.HasSuffix(file, "_test.go") {
			continue
		}
		isSaid := isSentence
		if slices.Contains(phrases, file) {
			isSaid = func(text string) bool { return isSentence(text) || isPhrase(text) }
		}
		for _, text := range texts(t, file) {
			if isSaid(text) {
				said[text] = true
			}
		}
	}
	for _, preset := range catalogue.All() {
		said[preset.Name], said[preset.Shows] = true, true
		if preset.Terms != "" {
			said[preset.Terms] = true
		}
		if preset.Key != nil {
			said[preset.Key.Name] = true
		}
	}
	for _, language := range []string{"de", "ja"} {
		name := "../frontend/src/strings/served." + language + ".json"
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		var known map[string]string
		if err := json.Unmarshal(data, &known); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		for _, sentence := range slices.Sorted(maps.Keys(said)) {
			if known[sentence] == "" {
				t.Errorf("%s lacks: %s", name, sentence)
			}
		}
		for _, sentence := range slices.Sorted(maps.Keys(known)) {
			if !said[sentence] {
				t.Errorf("%s has what nobody says: %s", name, sentence)
			}
		}
	}
}

func matching(t *testing.T, globs []string) []string {
	t.Helper()
	var files []string
	for _, glob := range globs {
		found, err := filepath.Glob(glob)
		if err != nil || len(found) == 0 {
			t.Fatalf("%s: no such files (%v)", glob, err)
		}
		for _, file := range found {
			files = append(files, filepath.ToSlash(file))
		}
	}
	slices.Sort(files)
	return slices.Compact(files)
}

// texts lists the string expressions of a file, but what is logged.
func texts(t *testing.T, name string) []string {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	var found []string
	ast.Inspect(file, func(node ast.Node) bool {
		if call, ok := node.(*ast.CallExpr); ok {
			if isLogging(call) {
				return false
			}
			found = append(found, counted(call)...)
		}
		expr, ok := node.(ast.Expr)
		if !ok {
			return true
		}
		text, ok := textOf(expr)
		if ok {
			found = append(found, text)
		}
		return !ok
	})
	return found
}

func isLogging(call *ast.CallExpr) bool {
	to, ok := call.Fun.(*ast.SelectorExpr)
	return ok && slices.Contains([]string{"Debug", "Info", "Warn", "Error"}, to.Sel.Name) && len(call.Args) > 0
}

// counted lists what count makes of one thing and of several, which stands in
// sentences.
func counted(call *ast.CallExpr) []string {
	name, ok := call.Fun.(*ast.Ident)
	if !ok || name.Name != "count" || len(call.Args) != 3 {
		return nil
	}
	one, isOne := textOf(call.Args[1])
	many, isMany := textOf(call.Args[2])
	if !isOne || !isMany {
		return nil
	}
	return []string{"1 " + one, "%d " + many}
}

// textOf is a string literal, or several with a hole for what stands between
// them.
func textOf(expr ast.Expr) (string, bool) {
	switch expr := expr.(type) {
	case *ast.BasicLit:
		text, err := strconv.Unquote(expr.Value)
		return text, expr.Kind == token.STRING && err == nil
	case *ast.BinaryExpr:
		left, isLeft := textOf(expr.X)
		right, isRight := textOf(expr.Y)
		if expr.Op != token.ADD || !isLeft && !isRight {
			return "", false
		}
		return cmp.Or(left, "%s") + cmp.Or(right, "%s"), true
	}
	return "", false
}

var (
	sentenceForm = regexp.MustCompile(`^(%[a-z]|[A-Z])[^\n]*[a-z)"%…][^\n]*[.?!]$`)
	// sentencePart is one that ends with what another says, or is the first half of one.
	sentencePart = regexp.MustCompile(`^[A-Z][^\n]*([:.] %s|")$|^[A-Z]\w+( [\w',]+){5,}$`)
	countForm    = regexp.MustCompile(`^(1|%d) [a-z ]+$`)
	phraseForm   = regexp.MustCompile(`^(%[a-z],? |[a-z])[^\n/]* [^\n/]* [^\n]*[^. ]$|^%s came$`)
)

// isSentence tells what people read from names, formats and patterns.
func isSentence(text string) bool {
	for _, form := range []*regexp.Regexp{sentenceForm, sentencePart, countForm} {
		if form.MatchString(text) && strings.Contains(text, " ") && !strings.Contains(text, "%w") {
			return true
		}
	}
	return false
}

func isPhrase(text string) bool {
	return phraseForm.MatchString(text)
}
