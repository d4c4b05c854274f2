package server

import (
	"net/http"
	"strings"
	"testing"

	"tickertape/backend/event"
)

func TestAnExportIsAFileOfWhatIsSelected(t *testing.T) {
	r := build{window: true, feeds: paused("a", "b")}.run(t)
	r.add(t, count("a", 1, 1500)...)
	r.add(t, count("b", 1, 3)...)
	got := r.do(t, ask{private: true, path: "/api/export?feed=a&q=a"})
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
	got = r.do(t, ask{private: true, path: "/api/export?format=csv&feed=b&from=" + r.id(1502) + "&to=" + r.id(1503)})
	diff(t, "CSV", strings.Join(event.Columns, ",")+"\r\n"+r.id(1502)+",1502,b,message,,,,b 2,,,,,1970-01-01T00:00:02.000000Z,,b 2\r\n", got.body)
}

func TestABadExportIsRefusedWithASentence(t *testing.T) {
	r := newRig(t)
	for _, params := range []string{"format=xml", "from=noon", "to=other-1", "q=%22a"} {
		r.do(t, ask{private: true, path: "/api/export?" + params}).problem(t, http.StatusBadRequest)
	}
	r.do(t, ask{private: true, path: "/api/export?feed=nobody"}).problem(t, http.StatusNotFound)
	r.do(t, ask{path: "/api/export"}).problem(t, http.StatusNotFound) // at the front door
}
