package secrets

import (
	"errors"
	"os"
	"runtime"
	"strconv"
	"sync"
	"time"

	"github.com/zalando/go-keyring"
)

// service is what the keyring's own programs show beside the ids.
const service = "Tickertape"

// ringTime is how long a keyring may take to answer. Without a session bus or
// with one that hangs there may be no answer ever.
const ringTime = 3 * time.Second

var (
	errNotFound = keyring.ErrNotFound
	errTooLong  = keyring.ErrSetDataTooBig
	errSilent   = errors.New("the system's keyring doesn't answer: it may be locked and wait for its password")
	errNoRing   = errors.New("no keyring answers here")
)

// ring is the system's keyring. A call to it can't be cancelled, so one that is
// late is left to itself, and until it has returned there is no other.
type ring struct {
	system keyring.Keyring
	turn   sync.Mutex // one call at a time
	wait   time.Duration

	mu       sync.Mutex
	state    ringState
	hanging  bool
	returned chan struct{} // closed when a late call has returned
}

// system is the keyring of the computer.
type system struct{}

func (system) Set(service, user, password string) error { return keyring.Set(service, user, password) }
func (system) Get(service, user string) (string, error) { return keyring.Get(service, user) }
func (system) Delete(service, user string) error        { return keyring.Delete(service, user) }
func (system) DeleteAll(service string) error           { return keyring.DeleteAll(service) }

type ringState int

const (
	untried ringState = iota
	answering
	absent
)

func newRing() *ring { return &ring{system: system{}, wait: ringTime, returned: make(chan struct{})} }

// answers reports whether there is a keyring. It asks once, for something that
// isn't there.
func (r *ring) answers() bool {
	r.mu.Lock()
	state := r.state
	r.mu.Unlock()
	if state == untried {
		_, _ = r.get("probe") // call notes what comes of it
		r.mu.Lock()
		state = r.state
		r.mu.Unlock()
	}
	return state == answering
}

func (r *ring) get(id string) (value string, err error) {
	type answer struct {
		value string
		err   error
	}
	got := make(chan answer, 1)
	err = r.call(func() error {
		value, err := r.system.Get(service, id)
		got <- answer{value, err}
		return err
	})
	select {
	case a := <-got:
		return a.value, a.err
	default:
		return "", err
	}
}

func (r *ring) set(id, value string) error {
	if !r.answers() {
		return errNoRing
	}
	return r.call(func() error { return r.system.Set(service, id, value) })
}

func (r *ring) remove(id string) error {
	return r.call(func() error { return r.system.Delete(service, id) })
}

// call asks the keyring, and waits for a while.
func (r *ring) call(ask func() error) error {
	if _, ours := r.system.(system); ours && !hasSessionBus() {
		r.note(absent)
		return errNoRing
	}
	r.turn.Lock()
	defer r.turn.Unlock()
	r.mu.Lock()
	hanging := r.hanging
	r.mu.Unlock()
	if hanging {
		return errSilent
	}
	done := make(chan error, 1)
	go func() { done <- ask() }()
	timer := time.NewTimer(r.wait)
	defer timer.Stop()
	select {
	case err := <-done:
		r.note(stateAfter(err))
		return err
	case <-timer.C:
		r.hang(done)
		return errSilent
	}
}

// stateAfter is what an answer says of the keyring.
func stateAfter(err error) ringState {
	if err == nil || errors.Is(err, errNotFound) || errors.Is(err, errTooLong) {
		return answering
	}
	return absent
}

func (r *ring) note(state ringState) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.state = state
}

// hang leaves a call to itself: somebody may be typing the keyring's password.
func (r *ring) hang(done <-chan error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.hanging, r.state = true, absent
	go func() { // lives as long as the system's call, which nothing can end
		err := <-done
		r.mu.Lock()
		defer r.mu.Unlock()
		r.hanging, r.state = false, stateAfter(err)
		close(r.returned)
		r.returned = make(chan struct{})
	}()
}

func (r *ring) late() <-chan struct{} {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.returned
}

// hasSessionBus reports whether there can be a keyring. Where Unix has none of
// these, the D-Bus library would start a bus of its own, or wait for one.
func hasSessionBus() bool {
	switch runtime.GOOS {
	case "windows", "darwin":
		return true
	}
	if os.Getenv("DBUS_SESSION_BUS_ADDRESS") != "" {
		return true
	}
	for _, name := range []string{"bus", "dbus-session"} {
		if _, err := os.Stat("/run/user/" + strconv.Itoa(os.Getuid()) + "/" + name); err == nil {
			return true
		}
	}
	return false
}
