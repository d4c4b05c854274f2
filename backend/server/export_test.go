package server

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"tickertape/backend/event"
	"tickertape/backend/journal"
)

func TestAnExportIsAFileOfWhatIsSelected(t *testing.T) {
	r := build{window: true, feeds: paused("a", "b")}.run(t)
	r.add(t, count("a", 1, 1500)...)
	r.add(t, count("b", 1, 3)...)
	got := r.do(t, ask{private: true, path: "/export?feed=a&q=a"})
	if got.status != http.StatusOK || got.header.Get("Content-Type") != "application/x-ndjson" ||
		!strings.HasPrefix(got.header.Get("Content-Disposition"), `attachment; filename="tickertape-`) {
		t.Errorf("%d %v", got.status, got.header)
	}
	lines := strings.Split(strings.TrimSuffix(got.body, "\n"), "\n")
	if len(lines) != 1500 {
		t.Errorf("%d lines", len(lines))
	}
	last, err := event.ParseJSON([]byte(lines[len(lines)-1]))
	must(t, err)
	diff(t, "the last event", "a 1500", string(last.Data))
	got = r.do(t, ask{private: true, path: "/export?format=csv&feed=b&from=" + r.id(1502) + "&to=" + r.id(1503)})
	diff(t, "CSV", strings.Join(event.Columns, ",")+"\r\n"+r.id(1502)+",1502,b,message,,,,b 2,,,,,1970-01-01T00:00:02.000000Z,,b 2\r\n", got.body)
}

func TestAnExportOfListedEventsHasTheseAlone(t *testing.T) {
	r := build{window: true, feeds: paused("a", "b")}.run(t)
	r.add(t, count("a", 1, 6)...)
	r.add(t, count("b", 1, 3)...)
	for ids, want := range map[string]string{
		r.id(2): "a 2",
		// In any order and with overlaps, each once and the oldest first; ends that aren't there yet are none.
		r.id(8) + "," + r.id(2) + ".." + r.id(4) + "," + r.id(3) + ".." + r.id(5): "a 2,a 3,a 4,a 5,b 2",
		r.id(9) + ".." + r.id(90):                      "b 3",
		r.id(1) + ".." + r.id(9) + "&feed=b&q=b":       "b 1,b 2,b 3",
		r.id(1) + ".." + r.id(9) + "&from=" + r.id(8):  "b 2,b 3",
		r.id(1) + "," + r.id(2) + "&to=" + r.id(1):     "",
		r.id(5) + "&ids=" + r.id(7) + ".." + r.id(7):   "a 5,b 1",
		strings.Repeat(r.id(5)+",", journal.MaxListed): "a 5",
	} {
		var got []string
		for line := range strings.Lines(r.do(t, ask{private: true, path: "/export?ids=" + ids}).body) {
			e, err := event.ParseJSON([]byte(line))
			must(t, err)
			got = append(got, string(e.Data))
		}
		diff(t, ids, want, strings.Join(got, ","))
	}
	tooMany := strings.Repeat(r.id(5)+",", journal.MaxListed+1)
	for _, ids := range []string{"nonsense", "other-1", r.id(1) + "..", r.id(3) + ".." + r.id(2), tooMany} {
		r.do(t, ask{private: true, path: "/export?ids=" + ids}).problem(t, http.StatusBadRequest)
	}
}

func TestABadExportIsRefusedWithASentence(t *testing.T) {
	r := newRig(t)
	for _, params := range []string{"format=xml", "from=noon", "to=other-1", "q=%22a"} {
		r.do(t, ask{private: true, path: "/export?" + params}).problem(t, http.StatusBadRequest)
	}
	r.do(t, ask{private: true, path: "/export?feed=nobody"}).problem(t, http.StatusNotFound)
}

func TestTheFrontDoorExportsWhatItServes(t *testing.T) {
	r := build{window: true, feeds: paused("a") + `, {"id": "b", "name": "b", "kind": "sse", "url": "http://127.0.0.1:9/?token=x", "paused": true}`}.run(t)
	r.add(t, append(count("a", 1, 2), count("b", 1, 2)...)...)
	if got := r.do(t, ask{path: "/export"}); strings.Count(got.body, "\n") != 2 || strings.Contains(got.body, "b 1") {
		t.Errorf("%d %s", got.status, got.body)
	}
	r.do(t, ask{path: "/export?feed=b"}).problem(t, http.StatusNotFound)
}

// saved is what an export to a file told, line by line.
func (r *rig) saved(t *testing.T, ticket, selection string) (lines []string) {
	t.Helper()
	body := fmt.Sprintf(`{"file": %q, "select": %q}`, ticket, selection)
	got := r.do(t, ask{private: true, method: http.MethodPost, path: "/api/exports", body: body})
	if got.status != http.StatusOK {
		return []string{fmt.Sprint(got.status)}
	}
	return strings.Split(strings.TrimSpace(got.body), "\n")
}

func TestAnExportIsSavedToAChosenFileAlone(t *testing.T) {
	r := build{window: true, feeds: paused("a", "b")}.run(t)
	r.add(t, append(count("a", 1, 2500), count("b", 1, 3)...)...)
	path := filepath.Join(t.TempDir(), "tape.csv")
	ticket := r.AllowFile(path)
	if got := r.saved(t, ticket, "format=xml"); got[0] != "400" {
		t.Errorf("a wrong format: %v", got)
	}
	got := r.saved(t, ticket, "format=csv&feed=a")
	data, err := os.ReadFile(path)
	must(t, err)
	if want := fmt.Sprintf(`{"bytes":%d,"done":true,"events":2500}`, len(data)); got[len(got)-1] != want || strings.Count(string(data), "\r\n") != 2501 {
		t.Errorf("%v, want %s; %d bytes", got, want, len(data))
	}
	for _, again := range []string{ticket, "", "another"} {
		if got := r.saved(t, again, ""); got[0] != "403" {
			t.Errorf("ticket %q: %v", again, got)
		}
	}
	got = r.saved(t, r.AllowFile(filepath.Join(path, "nowhere")), "")
	if !strings.Contains(got[len(got)-1], `"problem"`) {
		t.Errorf("a file that can't be made: %v", got)
	}
	if got := r.do(t, ask{method: http.MethodPost, path: "/api/exports"}); got.status != http.StatusNotFound && got.status != http.StatusMethodNotAllowed {
		t.Errorf("at the front door: %d", got.status)
	}
}

func TestACancelledExportLeavesNoFile(t *testing.T) {
	r := build{window: true, feeds: paused("a")}.run(t)
	r.add(t, count("a", 1, 10)...)
	path := filepath.Join(t.TempDir(), "tape.ndjson")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	body := fmt.Sprintf(`{"file": %q}`, r.AllowFile(path))
	request := httptest.NewRequestWithContext(ctx, http.MethodPost, "/api/exports", strings.NewReader(body))
	request.Header.Set("Content-Type", "application/json")
	must(t, reads{Server: r.Server, private: true}.saveExport(httptest.NewRecorder(), request))
	left, err := os.ReadDir(filepath.Dir(path))
	must(t, err)
	if len(left) != 0 {
		t.Errorf("left: %v", left)
	}
}
