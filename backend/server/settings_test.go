package server

import (
	"net"
	"net/http"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"tickertape/backend/settings"
)

// view is what the window reads of GET /api/settings.
type view struct {
	Version, Revision int
	Front             struct {
		Enabled bool
		Address string
		Port    int
	}
	Appearance struct{ Theme, Density string }
	Feeds      []struct{ ID string }
	Door       DoorState
	App        struct{ Version, DataDir, Notice string }
	Notice     string
}

func (r *rig) put(t *testing.T, part, body string) (v view) {
	t.Helper()
	r.get(t, ask{private: true, method: http.MethodPut, path: "/api/settings/" + part, body: strings.ReplaceAll(body, "'", `"`)}, &v)
	return v
}

// taken is a port of loopback that is in use until the test ends.
func takenPort(t *testing.T) (port string, free func()) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	t.Cleanup(func() { listener.Close() })
	_, port, err = net.SplitHostPort(listener.Addr().String())
	must(t, err)
	return port, func() { listener.Close() }
}

func atoi(t *testing.T, s string) int {
	t.Helper()
	n, err := strconv.Atoi(s)
	must(t, err)
	return n
}

func TestSettingsAreShownWithWhatBecameOfThem(t *testing.T) {
	r := build{window: true, feeds: clockFeed}.run(t)
	var v view
	r.get(t, ask{private: true, path: "/api/settings"}, &v)
	if v.Version != settings.Version || !v.Front.Enabled || v.Appearance.Theme != "system" || v.Appearance.Density != "comfortable" || len(v.Feeds) != 1 ||
		v.App.Version != "test" || v.App.DataDir != r.cfg.DataDir || v.App.Notice != "" || v.Notice != "" {
		t.Errorf("%+v", v)
	}
	diff(t, "door", DoorState{State: DoorOpen, URL: r.frontURL() + "/"}, v.Door)
	next := r.put(t, "appearance", `{'theme': 'dark'}`)
	if next.Appearance.Theme != "dark" || next.Appearance.Density != "comfortable" || next.Revision <= v.Revision || next.Door != v.Door {
		t.Errorf("after a change: %+v", next)
	}
}

func TestBadSettingsAreRefusedByField(t *testing.T) {
	r := build{window: true}.run(t)
	before, _ := r.cfg.Settings.Current()
	r.steps(t, []step{
		{"an unknown theme", "PUT", "/api/settings/appearance", `{'theme': 'pink'}`, 422, `'theme': 'system, light, dark or contrast'`},
		{"an unknown density", "PUT", "/api/settings/appearance", `{'theme': 'dark', 'density': 'airy'}`, 422, `'density': 'comfortable or compact'`},
		{"an unknown language", "PUT", "/api/settings/appearance", `{'language': 'tlh'}`, 422, `'language': 'one of en, de, ja'`},
		{"a name for an address", "PUT", "/api/settings/front", `{'address': 'localhost'}`, 422, `'address': 'an IP address'`},
		{"a port beyond the last", "PUT", "/api/settings/front", `{'port': 65536}`, 422, `'port': 'A port is a number'`},
		{"several at once", "PUT", "/api/settings/front", `{'address': '', 'port': -1}`, 422, `'address': 'an IP', 'port': 'A port'`},
		{"a word for a port", "PUT", "/api/settings/front", `{'port': 'http'}`, 400, `'detail': 'port can\u0027t be a JSON string.'`},
		{"a list", "PUT", "/api/settings/front", `[]`, 400, `'detail': 'The request can\u0027t be a JSON array.'`},
		{"no body", "PUT", "/api/settings/appearance", ``, 400, `'detail': 'has no body'`},
	})
	after, _ := r.cfg.Settings.Current()
	diff(t, "settings", before, after)
	if r.Front().State != DoorOpen {
		t.Errorf("the door is %+v", r.Front())
	}
}

func TestTheFrontDoorMovesClosesAndOpensBeforeTheAnswer(t *testing.T) {
	r := build{window: true, feeds: paused("a")}.run(t)
	r.add(t, count("a", 1, 1)...)
	stream := r.read(t, ask{path: "/event_stream?last=1"})
	stream.next(t)
	old := r.frontURL()
	port, free := takenPort(t)
	free()
	v := r.put(t, "front", `{'port': `+port+`}`)
	diff(t, "moved", DoorState{State: DoorOpen, URL: "http://127.0.0.1:" + port + "/"}, v.Door)
	if got := r.do(t, ask{path: "/feeds"}); got.status != 200 {
		t.Errorf("at the new address: %d", got.status)
	}
	if _, err := net.Dial("tcp", strings.TrimPrefix(old, "http://")); err == nil {
		t.Error("somebody still listens at the old address")
	}
	if e, err := stream.decoder.Next(); err == nil {
		t.Errorf("a stream of the old address goes on: %+v", e)
	}

	v = r.put(t, "front", `{'enabled': false}`)
	diff(t, "closed", DoorState{State: DoorClosed}, v.Door)
	if _, err := net.Dial("tcp", "127.0.0.1:"+port); err == nil {
		t.Error("somebody still listens")
	}
	v = r.put(t, "front", `{'enabled': true}`)
	diff(t, "open again", DoorState{State: DoorOpen, URL: "http://127.0.0.1:" + port + "/"}, v.Door)
}

func TestTheNextPortIsTakenWhereOneIsTakenAndANoteSaysSo(t *testing.T) {
	own, free := takenPort(t)
	r := build{window: true, settings: `{"version": 1, "front": {"enabled": true, "address": "127.0.0.1", "port": ` + own + `}, "feeds": []}`}.run(t)
	door := r.Front()
	if door.State != DoorOpen || strings.Contains(door.URL, ":"+own) {
		t.Fatalf("%+v", door)
	}
	at := port(t, door.URL)
	if atoi(t, at) <= atoi(t, own) || door.Note != "Port "+own+" was taken, so the front door is at "+at+"." {
		t.Errorf("%+v", door)
	}
	if got := r.do(t, ask{path: "/feeds"}); got.status != 200 {
		t.Errorf("status %d", got.status)
	}
	// It stays where readers have found it, even when its own port is free.
	free()
	if v := r.put(t, "front", `{'enabled': true}`); v.Door != door {
		t.Errorf("%+v", v.Door)
	}
}

func TestADoorThatCannotOpenSaysWhyAndIsTriedAgainOnDemand(t *testing.T) {
	r := build{window: true}.run(t)
	v := r.put(t, "front", `{'address': '192.0.2.1'}`) // of no computer
	want := DoorState{State: DoorFailed, Note: "192.0.2.1:0 is not an address of this computer."}
	diff(t, "failed", want, v.Door)
	// The window is a client of the other door, and all is well there.
	diff(t, "the same again", want, r.put(t, "front", `{}`).Door)
	if n := strings.Count(r.log.String(), `msg="the front door can't be opened"`); n != 2 {
		t.Errorf("tried %d times, want 2", n)
	}
	r.get(t, ask{private: true, path: "/api/settings"}, &v)
	r.put(t, "appearance", `{'theme': 'dark'}`)
	if n := strings.Count(r.log.String(), `msg="the front door can't be opened"`); n != 2 {
		t.Errorf("tried %d times, want 2: nobody asked for another", n)
	}
	if v := r.put(t, "front", `{'address': '127.0.0.1'}`); v.Door.State != DoorOpen {
		t.Errorf("%+v", v.Door)
	}
}

func TestADoorAtEveryAddressIsShownByOneThatOpens(t *testing.T) {
	r := build{window: true, listen: "0.0.0.0:0"}.run(t)
	if got := r.Front().URL; !strings.HasPrefix(got, "http://127.0.0.1:") {
		t.Fatalf("it is shown as %s", got)
	}
	if got := r.do(t, ask{path: "/feeds"}); got.status != 200 {
		t.Errorf("status %d", got.status)
	}
	// What the settings say doesn't move a door whose place was given.
	before := r.Front()
	if v := r.put(t, "front", `{'enabled': false, 'port': 1}`); v.Door != before {
		t.Errorf("%+v", v.Door)
	}
}

func TestSettingsThatAnotherProgramSavedAreFollowedBeforeTheyAreShown(t *testing.T) {
	r := build{window: true, idle: true}.run(t)
	port, free := takenPort(t)
	free()
	n := atoi(t, port)
	must(t, r.cfg.Settings.Update(t.Context(), func(s *settings.Settings) error {
		s.Front.Port = n
		return nil
	}))
	var v view
	r.get(t, ask{private: true, path: "/api/settings"}, &v)
	diff(t, "door", DoorState{State: DoorOpen, URL: "http://127.0.0.1:" + port + "/"}, v.Door)
}

func TestAnUnreadableSettingsFileIsTold(t *testing.T) {
	r := build{window: true, settings: "{", listen: "127.0.0.1:0"}.run(t)
	var v view
	r.get(t, ask{private: true, path: "/api/settings"}, &v)
	if !strings.Contains(v.Notice, "could not be read") || len(v.Feeds) != 1 {
		t.Errorf("%+v", v)
	}
	if kept, err := filepath.Glob(filepath.Join(r.cfg.DataDir, "settings.json.unreadable-*")); err != nil || len(kept) != 1 {
		t.Errorf("kept: %v, %v", kept, err)
	}
}
