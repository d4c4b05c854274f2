package frontend

import (
	"io/fs"
	"strings"
	"testing"
)

// TestAssetsTellWhetherTheFrontEndIsBuilt holds both on a clean checkout and after a build.
func TestAssetsTellWhetherTheFrontEndIsBuilt(t *testing.T) {
	assets, built := Assets()
	if _, err := fs.Stat(assets, ".gitkeep"); err != nil {
		t.Fatalf("dist/.gitkeep is the file that lets a clean checkout compile: %v", err)
	}
	page, err := fs.ReadFile(assets, "index.html")
	if built != (err == nil) {
		t.Fatalf("built = %v, but reading index.html gives %v", built, err)
	}
	if !built {
		return // there is no page to look at
	}
	// Old WebKit refuses scripts with this attribute on wails://, and the pages' policy refuses inline scripts.
	if strings.Contains(string(page), "crossorigin") || strings.Contains(string(page), "<script>") {
		t.Errorf("index.html must have neither crossorigin nor inline scripts:\n%s", page)
	}
}
