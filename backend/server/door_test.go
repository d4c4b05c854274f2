package server

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"

	"tickertape/backend/settings"
)

// openMux opens a door with routes of a test's own, behind the front door's
// guard.
func (r *rig) openMux(t *testing.T, routes ...route) (d *door, url string) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	d = openDoor(listener, r.guardFront(r.mux(routes)), r.cfg.Log)
	t.Cleanup(d.close)
	return d, "http://" + listener.Addr().String()
}

func (r *rig) fetch(t *testing.T, url string) (answer, error) {
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, http.NoBody)
	if err != nil {
		return answer{}, err
	}
	response, err := r.client.Do(request)
	if err != nil {
		return answer{}, err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	return answer{response.StatusCode, response.Header, string(body)}, err
}

func TestHandlersThatFailSayThatTheyDidAndLogWhy(t *testing.T) {
	r := newRig(t)
	_, url := r.openMux(
		t,
		route{"GET /fails", func(http.ResponseWriter, *http.Request) error { return fmt.Errorf("deep inside") }},
		route{"GET /panics", func(http.ResponseWriter, *http.Request) error { panic("at the disco") }},
	)
	got, err := r.fetch(t, url+"/fails")
	must(t, err)
	if p := got.problem(t, 500); strings.Contains(p.Detail, "deep") {
		t.Errorf("%s", got.body)
	}
	if got, err := r.fetch(t, url+"/panics"); err == nil {
		t.Errorf("an answer, %d, from a handler that panicked", got.status)
	}
	for _, want := range []string{`level=ERROR msg="a request failed" path=/fails err="deep inside`, `level=ERROR msg="a handler panicked" path=/panics`} {
		if !strings.Contains(r.log.String(), want) {
			t.Errorf("the log has no %s:\n%s", want, r.log)
		}
	}
}

func TestARequestThatAClosingDoorCutsShortIsNoSuccess(t *testing.T) {
	r := newRig(t)
	entered := make(chan struct{})
	d, url := r.openMux(t, route{"GET /slow", func(_ http.ResponseWriter, r *http.Request) error {
		close(entered)
		<-r.Context().Done()
		return r.Context().Err()
	}})
	answered := make(chan answer)
	go func() {
		got, err := r.fetch(t, url+"/slow")
		if err != nil {
			t.Errorf("no answer: %v", err)
		}
		answered <- got
	}()
	<-entered
	d.close()
	got := <-answered
	got.problem(t, http.StatusServiceUnavailable)
	if got.header.Get("Retry-After") == "" {
		t.Error("no Retry-After")
	}
}

func TestAClosedServerOpensNoDoorAgain(t *testing.T) {
	r := newRig(t)
	r.Close()
	must(t, r.cfg.Settings.Update(t.Context(), func(s *settings.Settings) error {
		s.Front.Address = "127.0.0.2"
		return nil
	}))
	r.front.adjust() // as a request does that was under way
	r.front.retry()
	diff(t, "door", DoorState{State: DoorClosed}, r.Front())
	r.Close()
}

func TestListenTakesTheNextFreePort(t *testing.T) {
	first, _, err := listen("127.0.0.1:0")
	must(t, err)
	defer first.Close()
	taken := first.Addr().(*net.TCPAddr).Port
	for n := range 3 { // each finds one port more taken
		listener, note, err := listen(first.Addr().String())
		must(t, err)
		t.Cleanup(func() { listener.Close() })
		at := listener.Addr().(*net.TCPAddr).Port
		if at <= taken+n || note != fmt.Sprintf("Port %d was taken, so the front door is at %d.", taken, at) {
			t.Errorf("at %d: %s", at, note)
		}
	}
	// At the last port of all there is no next one.
	if end, err := net.Listen("tcp", "127.0.0.1:65535"); err == nil {
		defer end.Close()
		_, _, err := listen("127.0.0.1:65535")
		if note := listenProblem("127.0.0.1:65535", err); note != "The port of 127.0.0.1:65535 and those after it are taken: choose another one." {
			t.Errorf("%v: %s", err, note)
		}
	}
	_, _, err = listen("127.0.0.1:no-such-port")
	if note := listenProblem("127.0.0.1:no-such-port", err); !strings.HasPrefix(note, "The front door can't be opened at 127.0.0.1:no-such-port: ") {
		t.Errorf("%s", note)
	}
}
