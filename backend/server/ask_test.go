package server

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tickertape/backend/sse"
)

func (r *rig) frontURL() string {
	if r.pipes != nil {
		return "http://127.0.0.1:5000"
	}
	return strings.TrimSuffix(r.Front().URL, "/")
}

// ask is one request, at the front door unless private.
type ask struct {
	private bool // at the private door, with the key
	method  string
	path    string
	body    string
	header  map[string]string // Host among them
}

type answer struct {
	status int
	header http.Header
	body   string
}

// reading is an answer whose body is still open, until the test ends.
type reading struct {
	answer // without the body
	io.ReadCloser
	decoder *sse.Decoder // of the body, as an event stream
}

func (r *rig) open(t *testing.T, a ask) *reading {
	t.Helper()
	base := r.private.URL
	if !a.private {
		base = r.frontURL()
	}
	if a.method == "" {
		a.method = http.MethodGet
	}
	request, err := http.NewRequestWithContext(t.Context(), a.method, base+a.path, strings.NewReader(a.body))
	must(t, err)
	if a.private {
		request.Header.Set(KeyHeader, r.private.Key)
	}
	for name, value := range a.header {
		if name == "Host" {
			request.Host = value
		}
		request.Header.Set(name, value)
	}
	response, err := r.client.Do(request)
	must(t, err)
	t.Cleanup(func() { response.Body.Close() })
	return &reading{
		answer{status: response.StatusCode, header: response.Header},
		response.Body,
		sse.NewDecoder(response.Body, sse.DecoderConfig{}),
	}
}

func (r *rig) do(t *testing.T, a ask) answer {
	t.Helper()
	got := r.open(t, a)
	defer got.Close()
	body, err := io.ReadAll(got)
	must(t, err)
	return answer{got.status, got.header, string(body)}
}

// get reads JSON into v and fails unless the answer is 200.
func (r *rig) get(t *testing.T, a ask, v any) {
	t.Helper()
	got := r.do(t, a)
	if got.status/100 != 2 {
		t.Fatalf("%s %s: %d %s", a.method, a.path, got.status, got.body)
	}
	must(t, json.Unmarshal([]byte(got.body), v))
}

// problem checks that the answer is a problem document, and returns it.
func (got answer) problem(t *testing.T, status int) Problem {
	t.Helper()
	var p Problem
	if got.status != status || got.header.Get("Content-Type") != "application/problem+json" {
		t.Errorf("%d %s: %s, want a problem with %d", got.status, got.header.Get("Content-Type"), got.body, status)
		return p
	}
	must(t, json.Unmarshal([]byte(got.body), &p))
	if p.Type != "about:blank" || p.Status != status || p.Title != http.StatusText(status) {
		t.Errorf("an odd problem document: %s", got.body)
	}
	if !strings.HasSuffix(p.Detail, ".") {
		t.Errorf("not a sentence: %q", p.Detail)
	}
	return p
}

func diff(t *testing.T, what string, want, got any) {
	t.Helper()
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("%s (-want +got):\n%s", what, d)
	}
}
