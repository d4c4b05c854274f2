package server

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
)

func built() fstest.MapFS {
	file := func(data string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(data)} }
	return fstest.MapFS{
		"index.html": file("<!doctype html><title>Tickertape</title>"), "assets/index-1.js": file("export {}"), "assets/index-1.css": file("p {}"),
		"icon.svg": file("<svg/>"), ".gitkeep": file(""), ".hidden/file.js": file("hidden"), "assets/.map": file("hidden"),
	}
}

func TestTheViewerIsServedAndNothingBesideIt(t *testing.T) {
	r := build{assets: built()}.run(t)
	for _, row := range []struct {
		path   string
		status int
		kind   string
	}{
		{"/", 200, "text/html; charset=utf-8"},
		{"/index.html", 200, "text/html; charset=utf-8"},
		{"/?any=query", 200, "text/html; charset=utf-8"},
		{"/assets/index-1.js", 200, "text/javascript; charset=utf-8"},
		{"/assets/index-1.css", 200, "text/css; charset=utf-8"},
		{"/icon.svg", 200, "image/svg+xml"},
		{"/favicon.ico", 404, ""},
		{"/assets", 404, ""}, // a folder
		{"/assets/", 404, ""},
		{"/.gitkeep", 404, ""},
		{"/.hidden/file.js", 404, ""},
		{"/assets/.map", 404, ""},
		{"/api/settings", 404, ""},
		{"/%2e%2e/%2e%2e/etc/passwd", 404, ""},
		{"/assets/../.gitkeep", 307, ""}, // to the path without tricks
		{"/assets/..%2f..%2fetc/passwd", 404, ""},
		{"/..%2fetc%2fpasswd", 404, ""},
		{"/..%5c..%5cetc%5cpasswd", 404, ""},
		{"/etc/passwd", 404, ""},
		{"/C:%5cWindows%5cwin.ini", 404, ""},
		{"/index.html%00.js", 404, ""},
		{"//evil.example/", 307, ""},
	} {
		got := r.do(t, ask{path: row.path})
		if row.status == 404 {
			got.problem(t, 404)
		}
		if got.status != row.status || row.kind != "" && got.header.Get("Content-Type") != row.kind {
			t.Errorf("%s: %d %s, want %d %s", row.path, got.status, got.header.Get("Content-Type"), row.status, row.kind)
		}
		if row.status == 200 && got.header.Get("Content-Security-Policy") != viewerPolicy {
			t.Errorf("%s: the policy is %q", row.path, got.header.Get("Content-Security-Policy"))
		}
		if to := got.header.Get("Location"); strings.HasPrefix(to, "//") || strings.Contains(to, "..") || row.status == 307 && to == "" {
			t.Errorf("%s: sent on to %q", row.path, to)
		}
		checkHeaders(t, row.path, got.header)
	}
}

func TestPathTricksOnTheWireReachNothing(t *testing.T) {
	r := build{assets: built()}.run(t)
	host := strings.TrimPrefix(r.frontURL(), "http://")
	for _, target := range []string{
		"/../../etc/passwd", "/assets/../../etc/passwd", "/./.gitkeep", "/assets/./../.gitkeep", "/..", "/../", "..", "*", "/assets//../.gitkeep",
		"http://" + host + "/../etc/passwd", "http://evil.example/feeds", "/%2e%2e%2f.gitkeep", "/\\..\\.gitkeep", "/.%67itkeep",
	} {
		conn, err := net.Dial("tcp", host)
		must(t, err)
		fmt.Fprintf(conn, "GET %s HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n", target, host)
		read, err := io.ReadAll(conn)
		must(t, err)
		conn.Close()
		got := string(read)
		status, _, _ := strings.Cut(strings.TrimPrefix(got, "HTTP/1.1 "), " ")
		if !slices.Contains([]string{"307", "400", "403", "404"}, status) || strings.Contains(got, "Location: //") {
			t.Errorf("%s: %s", target, got)
		}
	}
}

func TestWithoutABuiltFrontEndThePageSaysHowToBuildIt(t *testing.T) {
	r := build{}.run(t)
	for _, path := range []string{"/", "/index.html"} {
		got := r.do(t, ask{path: path})
		if got.status != 200 || got.header.Get("Content-Type") != "text/plain; charset=utf-8" || !strings.Contains(got.body, "./build/build") || !strings.Contains(got.body, "/basic") {
			t.Errorf("%s: %d %s", path, got.status, got.body)
		}
	}
	r.do(t, ask{path: "/assets/index-1.js"}).problem(t, 404)
	r.do(t, ask{path: "/.gitkeep"}).problem(t, 404)
}

func TestTheBasicPageIsTheDemonstrationsAndMayRunItsOwnScriptAlone(t *testing.T) {
	for _, assets := range []fstest.MapFS{nil, built()} {
		b := build{}
		if assets != nil {
			b.assets = assets
		}
		got := b.run(t).do(t, ask{path: "/basic"})
		if got.status != 200 || got.header.Get("Content-Type") != "text/html; charset=utf-8" {
			t.Fatalf("%d %v", got.status, got.header)
		}
		for _, part := range []string{`new EventSource("/event_stream")`, "Connection established.", "Message from server: ", "custom_event", "Custom event from server: "} {
			if !strings.Contains(got.body, part) {
				t.Errorf("the page has no %s", part)
			}
		}
		_, rest, _ := strings.Cut(got.body, "<script>")
		script, _, _ := strings.Cut(rest, "</script>")
		sum := sha256.Sum256([]byte(script))
		policy := got.header.Get("Content-Security-Policy")
		for _, part := range []string{"default-src 'none'", "connect-src 'self'", "script-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'", "frame-ancestors 'none'"} {
			if !strings.Contains(policy, part) {
				t.Errorf("the policy has no %s: %s", part, policy)
			}
		}
		if strings.Contains(policy, "unsafe") || strings.Contains(policy, "*") {
			t.Errorf("a lax policy: %s", policy)
		}
		checkHeaders(t, "/basic", got.header)
	}
}

func TestPagesAnswerHeadWithoutABody(t *testing.T) {
	r := build{assets: built()}.run(t)
	for _, path := range []string{"/", "/basic", "/feeds", "/events", "/healthz"} {
		if got := r.do(t, ask{method: http.MethodHead, path: path}); got.status != 200 || got.body != "" {
			t.Errorf("%s: %d %q", path, got.status, got.body)
		}
	}
}
