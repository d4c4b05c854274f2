package simulate

import (
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Fault is something that goes wrong on purpose.
type Fault struct {
	Name string // one of Faults; "" for none
	// Seed chooses where the fault strikes: after how many events, at which of them.
	Seed uint64
	// Times is how many connections it strikes; the following ones are fine. 0 means all.
	Times int
	// Probability is how likely it strikes a connection, decided by the seed and the number of
	// the connection. 0 means always.
	Probability float64
	// Wait is the time of faults that have one. 0 means their own.
	Wait time.Duration
}

// FaultInfo describes a fault to people.
type FaultInfo struct {
	Name  string
	About string
	On    []Protocol // where it makes sense
	// Survivable says that a good client gets over it by itself; these are what "random"
	// chooses from.
	Survivable bool
}

// Groups of protocols that share what can go wrong.
var (
	everywhere = []Protocol{SSE, WebSocket, NDJSON, Syndication, Poll, LongPoll}
	overHTTP   = []Protocol{SSE, NDJSON, Syndication, Poll, LongPoll}
	streams    = []Protocol{SSE, WebSocket, NDJSON}
	inText     = []Protocol{SSE, NDJSON, Syndication}
)

// Faults lists all that can go wrong.
func Faults() []FaultInfo {
	return []FaultInfo{
		// Instead of the feed.
		{"204", "Answers 204 No Content, which tells an EventSource to stay away.", overHTTP, false},
		{"301", "Moves the feed for good: the same path without the fault.", everywhere, true},
		{"307", "Redirects to the same path at another host. Credentials must not follow.", everywhere, true},
		{"401-basic", "Wants Basic credentials: user tape, password reel.", everywhere, false},
		{"401-bearer", "Wants the Bearer token simulated-token.", everywhere, false},
		{"403", "Forbids.", everywhere, false},
		{"404", "Knows no such feed.", everywhere, false},
		{"410", "Says that the feed is gone for good.", everywhere, false},
		{"429", "Too many requests, with a Retry-After of 2 s, or of wait.", everywhere, true},
		{"503", "Unavailable, without saying for how long.", everywhere, true},
		{"redirect-loop", "Redirects to itself for ever.", everywhere, false},
		{"redirect-private", "Redirects to a private network's address.", everywhere, false},
		{"login-page", "Answers 200 with the page of a captive portal.", overHTTP, false},
		{"endless-html", "Answers 200 with a page that never ends.", overHTTP, false},
		{"endless-line", "Sends a first line that never ends.", overHTTP, false},
		{"xml-bomb", "Sends a small XML document of nested entities that would expand to gigabytes.", []Protocol{Syndication}, false},
		{"gzip-bomb", "Sends 1 MB of gzip that expands to 1 GB.", overHTTP, false},
		// On the way.
		{"slow-header", "Waits 10 s, or wait, before the answer begins.", everywhere, true},
		{"silence", "Begins the answer and then says nothing, ever.", everywhere, false},
		{"cut-mid-event", "Breaks the connection in the middle of an event, after one to three whole ones.", everywhere, true},
		{"split-utf8", "Cuts each character beyond ASCII into separate writes.", everywhere, true},
		{"one-byte", "Sends each byte by itself.", everywhere, true},
		{"cr", "Ends lines by CR.", []Protocol{SSE, Syndication}, true},
		{"crlf", "Ends lines by CR LF.", inText, true},
		{"bom", "Begins with a byte order mark.", []Protocol{SSE, Syndication, Poll}, true},
		{"gzip", "Compresses, whether it was asked to or not.", overHTTP, true},
		// In the events.
		{"big-event", "Blows up one event in three to 5 MB.", append([]Protocol{LongPoll}, streams...), false},
		{"duplicate-ids", "Sends one event in three twice.", append([]Protocol{LongPoll}, streams...), true},
		{"nul-id", "Puts a NUL into the id of one event in three, which must then be ignored.", []Protocol{SSE}, false},
		{"invalid-utf8", "Puts bytes that aren't UTF-8 into one event in three.", append([]Protocol{LongPoll}, streams...), false},
		// At the end.
		{"planned-close", "Ends the stream politely after one to three events: a WebSocket with 1001 or 1012.", streams, true},
		{"cut-24h", "Ends the stream politely after 24 h, or wait.", streams, true},
		// All of it.
		{"random", "Chooses one of the faults that a good client gets over, by the seed, for each connection anew.", everywhere, true},
	}
}

func findFault(name string) (FaultInfo, bool) {
	all := Faults()
	i := slices.IndexFunc(all, func(f FaultInfo) bool { return f.Name == name })
	if i < 0 {
		return FaultInfo{}, false
	}
	return all[i], true
}

// check says whether the fault can strike a feed of that protocol.
func (f Fault) check(p Protocol) error {
	if f.Name == "" {
		return nil
	}
	info, known := findFault(f.Name)
	switch {
	case !known:
		return fmt.Errorf("there is no fault called %q: the page at / lists them", f.Name)
	case !slices.Contains(info.On, p):
		return fmt.Errorf("the fault %s makes no sense for %s", f.Name, p)
	case !(f.Probability >= 0 && f.Probability <= 1):
		return fmt.Errorf("a probability of %g: it can be from 0 to 1", f.Probability)
	case f.Times < 0 || f.Wait < 0:
		return fmt.Errorf("the fault %s can't strike less than never, nor wait less than nothing", f.Name)
	}
	return nil
}

// ParseFault reads the fault that a query asks for: fault=NAME, seed=N, times=N, p=0.3, wait=2s.
func ParseFault(query url.Values) (Fault, error) {
	f := Fault{Name: query.Get("fault")}
	if f.Name == "" {
		return f, nil
	}
	var err error
	read := func(name string, parse func(text string) error) {
		if text := query.Get(name); text != "" && err == nil {
			if parse(text) != nil {
				err = fmt.Errorf("%s=%s can't be read", name, text)
			}
		}
	}
	read("seed", func(text string) (err error) { f.Seed, err = strconv.ParseUint(text, 10, 64); return err })
	read("times", func(text string) (err error) { f.Times, err = strconv.Atoi(text); return err })
	read("p", func(text string) (err error) { f.Probability, err = strconv.ParseFloat(text, 64); return err })
	read("wait", func(text string) (err error) { f.Wait, err = time.ParseDuration(text); return err })
	return f, err
}

// wait is the fault's time, or else the given one.
func (f Fault) wait(otherwise time.Duration) time.Duration {
	if f.Wait > 0 {
		return f.Wait
	}
	return otherwise
}

// hits says whether event n is the one in three that is struck.
func (f Fault) hits(n uint64) bool { return (n+f.Seed)%3 == 0 }

// after is how many whole events come before the end, from 1 to 3.
func (f Fault) after() int { return 1 + int(f.Seed%3) }

// strike is what connections are counted by.
type strike struct {
	path  string
	fault Fault
}

// maxStrikes bounds what is counted: clients can ask for any number of different faults.
const maxStrikes = 1000

// faultFor decides what goes wrong with an exchange.
func (s *Server) faultFor(x *exchange) (Fault, error) {
	f, err := ParseFault(x.r.URL.Query())
	if err == nil {
		err = f.check(x.feed.protocol)
	}
	if err != nil {
		return Fault{}, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if f.Name == "" {
		f = s.faults[x.feed.path]
	}
	key := strike{x.feed.path, f}
	number := s.struck[key]
	if len(s.struck) > maxStrikes {
		clear(s.struck)
	}
	s.struck[key] = number + 1
	r := dice(f.Seed, "fault", uint64(number))
	if f.Times > 0 && number >= f.Times || f.Probability > 0 && r.Float64() >= f.Probability {
		return Fault{}, nil
	}
	if f.Name == "random" {
		f.Name, f.Seed = chooseFault(r.IntN, x.feed.protocol), r.Uint64()
	}
	return f, nil
}

// chooseFault picks a fault for "random". Moves are left out: the query that asked for the
// random fault would be gone after the first one.
func chooseFault(intN func(int) int, p Protocol) string {
	var names []string
	for _, info := range Faults() {
		if info.Survivable && slices.Contains(info.On, p) && info.Name != "random" && !strings.HasPrefix(info.Name, "30") {
			names = append(names, info.Name)
		}
	}
	return names[intN(len(names))]
}
