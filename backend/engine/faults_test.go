package engine

import (
	"bytes"
	"context"
	"net"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"tickertape/backend/event"
	"tickertape/backend/mapping"
	"tickertape/backend/settings"
	"tickertape/backend/simulate"
	"tickertape/backend/source"
	"tickertape/backend/sse"
)

// How the events of a simulated feed can be fetched.
const (
	resumes = "resumes" // each of them, after any break
	begins  = "begins"  // from each connection on
	lists   = "lists"   // the latest, again and again; edits may be seen as one
	samples = "samples" // the state now
)

// trial is a feed of the simulator as a person would set it up.
type trial struct {
	name string
	path string // the simulator's
	how  string
	feed settings.Feed
	id   func(e event.Event) string // the upstream's own id; nil: the source id
}

func (tt trial) protocol() simulate.Protocol {
	for _, f := range simulate.Feeds() {
		if f.Path == tt.path {
			return f.Protocol
		}
	}
	return ""
}

// up is the feed at a path and query of the simulator.
func up(kind, path string, with source.Feed, fields mapping.Mapping) settings.Feed {
	with.ID, with.Name, with.Kind, with.URL = "up", "Up", kind, "http://feed.example"+path
	if kind == source.KindWebSocket {
		with.URL = "ws://feed.example" + path
	}
	return settings.Feed{Feed: with, Mapping: fields}
}

const second = source.Duration(time.Second)

// trials have each kind of feed, with and without a way to resume.
func trials() []trial {
	ntfy := source.Cursor{Path: `[@this].#(event=="message").id`}
	ids := mapping.Mapping{ID: "id"}
	const talk = source.KindWebSocket
	return []trial{
		{"sse by Last-Event-ID", "/sse/numbers", resumes, up(source.KindSSE, "/sse/numbers?after=all", source.Feed{}, mapping.Mapping{}), numberID},
		{"sse by a cursor", "/sse/ntfy", resumes, up(source.KindSSE, "/sse/ntfy?since={{cursor}}", source.Feed{Cursor: ntfy, Heartbeat: "event=keepalive"}, ids), nil},
		{"sse by a time", "/sse/wikimedia", resumes, up(source.KindSSE, "/sse/wikimedia", source.Feed{}, mapping.Mapping{}), nil},
		{"sse without ids", "/sse/mastodon", begins, up(source.KindSSE, "/sse/mastodon", source.Feed{}, mapping.Mapping{ID: "id"}), mastodonID},
		{"websocket by a cursor", "/ws/jetstream", resumes, up(talk, "/ws/jetstream?cursor={{cursor}}", source.Feed{Cursor: source.Cursor{Path: "time_us"}}, mapping.Mapping{ID: "time_us"}), nil},
		{"websocket", "/ws/jetstream", begins, up(talk, "/ws/jetstream", source.Feed{}, mapping.Mapping{ID: "time_us"}), nil},
		{"ndjson by a cursor", "/ndjson/ntfy", resumes, up(source.KindNDJSON, "/ndjson/ntfy?since={{cursor}}", source.Feed{Cursor: ntfy, Heartbeat: "event=keepalive"}, ids), nil},
		{"ndjson", "/ndjson/ntfy", begins, up(source.KindNDJSON, "/ndjson/ntfy", source.Feed{Heartbeat: "event=keepalive"}, ids), nil},
		{"longpoll", "/longpoll", resumes, up(source.KindLongPoll, "/longpoll?timeout=5", source.Feed{Items: "events", Cursor: source.Cursor{Path: "next", Param: "cursor"}}, mapping.Mapping{}), longPollID},
		{"rss", "/rss", lists, up(source.KindRSS, "/rss?age=1", source.Feed{Interval: 3 * second}, mapping.Mapping{}), nil},
		{"atom", "/atom", lists, up(source.KindRSS, "/atom?age=1", source.Feed{Interval: 3 * second}, mapping.Mapping{}), nil},
		{"jsonfeed", "/jsonfeed", lists, up(source.KindRSS, "/jsonfeed?age=1", source.Feed{Interval: 3 * second}, mapping.Mapping{}), nil},
		{"poll of a list", "/poll/usgs", lists, up(source.KindPoll, "/poll/usgs?age=1", source.Feed{Interval: 3 * second, Items: "features"}, mapping.Mapping{}), nil},
		{"poll of a scoreboard", "/poll/espn", lists, up(source.KindPoll, "/poll/espn?age=1", source.Feed{Interval: 3 * second, Items: "events"}, mapping.Mapping{}), nil},
		{"a document's changes", "/sse/firebase", lists, up(source.KindSSE, "/sse/firebase", source.Feed{Delta: source.DeltaFirebase, Heartbeat: "keep-alive"}, mapping.Mapping{}), childID},
		{"a list's changes", "/sse/firebase-list", lists, up(source.KindSSE, "/sse/firebase-list", source.Feed{Delta: source.DeltaFirebase, Heartbeat: "keep-alive"}, mapping.Mapping{}), nil},
		{"websocket by a subscription", "/ws/coinbase", begins, up(talk, "/ws/coinbase", source.Feed{
			Script:    []source.Step{{Send: `{"type":"subscribe","channels":["ticker","heartbeat"],"product_ids":["` + strings.Join(symbols("-USD"), `","`) + `"]}`}},
			Heartbeat: "type=heartbeat\ntype=subscriptions",
		}, mapping.Mapping{ID: "sequence"}), nil},
		{"websocket by its URL", "/ws/binance", begins, up(talk, "/ws/binance?streams="+strings.Join(streams(), "/"), source.Feed{
			Heartbeat: "e=serverShutdown",
		}, mapping.Mapping{ID: "data.E"}), nil},
		{"websocket of arrays", "/ws/finnhub", begins, up(talk, "/ws/finnhub?token=x", source.Feed{
			Script: subscriptions(), Items: "data", Heartbeat: "type=ping",
		}, mapping.Mapping{ID: "t"}), nil},
		{"websocket with a handshake", "/ws/homeassistant", begins, up(talk, "/ws/homeassistant", source.Feed{
			Auth: source.Auth{Secret: simulate.BearerToken}, Heartbeat: "type=result",
			Script: []source.Step{
				{WaitFor: "type=auth_required", Send: `{"type":"auth","access_token":"{{secret}}"}`},
				{WaitFor: "type=auth_ok", Send: `{"id":1,"type":"subscribe_events","event_type":"state_changed"}`},
			},
		}, mapping.Mapping{ID: "event.time_fired"}), nil},
		{"poll of a document", "/poll/openmeteo", samples, up(source.KindPoll, "/poll/openmeteo", source.Feed{Interval: 3 * second}, mapping.Mapping{ID: "current.time"}), nil},
	}
}

// symbols are those of the simulated exchange.
func symbols(suffix string) (all []string) {
	for _, symbol := range []string{"ALBA", "BRGT", "CRUX", "DUNE", "FJRD", "HLIX", "MOSS", "TAPE"} {
		all = append(all, symbol+suffix)
	}
	return all
}

// streams are their names in a URL.
func streams() (all []string) {
	for _, symbol := range symbols("") {
		all = append(all, strings.ToLower(symbol)+"usdt@miniTicker")
	}
	return all
}

// subscriptions ask for one symbol after the other.
func subscriptions() (script []source.Step) {
	for _, symbol := range symbols("") {
		script = append(script, source.Step{Send: `{"type":"subscribe","symbol":"` + symbol + `"}`})
	}
	return script
}

// childID is a child's name without its path.
func childID(e event.Event) string { return strings.TrimPrefix(e.SourceID, "/") }

// mastodonID is that of a status, or of one that was deleted, which is bare.
func mastodonID(e event.Event) string {
	if e.Type == "delete" {
		return string(e.Data)
	}
	return e.SourceID
}

// numberID doesn't need the id of the protocol.
func numberID(e event.Event) string { return found(`"number":(\d+)`, e) }

func longPollID(e event.Event) string { return found(`"id":"([^"]*)"`, e) }

func found(pattern string, e event.Event) string {
	if m := regexp.MustCompile(pattern).FindSubmatch(e.Data); m != nil {
		return string(m[1])
	}
	return ""
}

const (
	every = 10 * time.Second // between two events upstream
	// long is how long a trial lasts. It ends between two events.
	long = 150*time.Second + every/2
)

// run tries a feed with each of the faults, all at once in one bubble: each has a
// simulator of its own, at a host of its own.
func (tt trial) run(t *testing.T, faults []simulate.Fault, lasts time.Duration) (outcomes []outcome) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		hosts := map[string]sse.Dial{}
		var servers []*simulate.Server
		var feeds []settings.Feed
		for _, fault := range faults {
			server, err := simulate.New(simulate.Config{Seed: 7, Rate: 1 / every.Seconds(), Other: "http://other-" + fault.Name + ".example"})
			if err != nil {
				t.Fatal(err)
			}
			if err := server.SetFault(tt.path, fault); err != nil {
				t.Fatal(err)
			}
			feed := tt.feed
			feed.ID, feed.URL = fault.Name, strings.Replace(feed.URL, "feed.example", fault.Name+".example", 1)
			servers, feeds, hosts[fault.Name] = append(servers, server), append(feeds, feed), serveOnPipes(t, server)
		}
		w := startWay(t, t.TempDir(), byHost(hosts), feeds...)
		<-time.After(lasts)
		synctest.Wait()
		stored := w.byFeed(t)
		for i, fault := range faults {
			outcomes = append(outcomes, outcome{
				trial: tt, fault: fault, began: began, sent: servers[i].Sent(tt.path), stored: tt.told(stored[fault.Name]),
				health: w.health(fault.Name), log: w.feeds.Log(fault.Name), bad: w.feeds.Bad(fault.Name),
			})
		}
		w.stop()
		for _, server := range servers {
			if err := server.Close(); err != nil {
				t.Error(err)
			}
		}
	})
	return outcomes
}

// byHost dials NAME.example, and other-NAME.example, as the hosts say.
func byHost(hosts map[string]sse.Dial) sse.Dial {
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		name, _, _ := strings.Cut(strings.TrimPrefix(address, "other-"), ".example")
		dial, known := hosts[name]
		if !known {
			return nil, &net.DNSError{Name: address, IsNotFound: true}
		}
		return dial(ctx, network, address)
	}
}

// told are the events that upstream counts: not what a server says of itself.
func (tt trial) told(events []event.Event) []event.Event {
	return slices.DeleteFunc(events, func(e event.Event) bool {
		own, _ := strings.CutSuffix(tt.path, "/ntfy")
		return own != tt.path && strings.HasPrefix(e.SourceID, "open") || e.Type == "filters_changed"
	})
}

// outcome is what a trial left behind.
type outcome struct {
	trial
	fault  simulate.Fault
	began  time.Time
	sent   []string
	stored []event.Event
	health source.Health
	log    []source.Change
	bad    []source.BadInput
}

func (o outcome) ids() (ids []string) {
	for _, e := range o.stored {
		if o.id != nil {
			ids = append(ids, o.id(e))
		} else {
			ids = append(ids, e.SourceID)
		}
	}
	return ids
}

// check judges what the journal holds against what upstream gave out.
func (o outcome) check(t *testing.T) {
	t.Helper()
	switch o.how {
	case resumes, begins:
		o.checkStream(t)
	case lists:
		o.checkList(t)
	case samples:
		o.checkSamples(t)
	}
	if t.Failed() {
		t.Logf("stored %d of %d; %s %q, %+v\nlog %v\nbad %v", len(o.stored), len(o.sent), o.health.State, o.health.Cause, o.health.Counts, o.log, o.bad)
	}
}

// checkStream: each event is there once, in order. One may be missing only
// where the feed's log says so, and only before a feed that resumes has anything
// to resume with.
func (o outcome) checkStream(t *testing.T) {
	t.Helper()
	gaps := o.gaps(t)
	ids := o.ids()
	began := o.firstLive()
	next, missing := 0, 0
	for n, want := range o.sent {
		if next < len(ids) && ids[next] == want {
			next++
			continue
		}
		if o.path == "/ws/finnhub" {
			if n |= 1; n >= len(o.sent) {
				break // it waits at the server for the one that it comes with
			}
		}
		at := o.began.Add(time.Duration(n) * every)
		switch {
		case o.tooLarge(n), next == 0 && !at.After(began):
		case !slices.ContainsFunc(gaps, func(g gap) bool { return !at.Before(g.from) && !at.After(g.to) }):
			t.Errorf("event %d (%s) of %s is missing, and nothing says so", n, want, at.Format(time.TimeOnly))
		case o.how == resumes && next > 0:
			t.Errorf("event %d (%s) is missing from a feed that resumes", n, want)
		default:
			missing++
		}
	}
	if next < len(ids) {
		t.Errorf("stored %v: %s was never sent, or came again, or out of order", ids, ids[next])
	}
	if int64(len(gaps)) != o.health.Counts.Gaps || missing > 0 && len(gaps) == 0 {
		t.Errorf("%d events are missing, the log has %d gaps, the count is %d", missing, len(gaps), o.health.Counts.Gaps)
	}
}

// tooLarge says whether the fault has made event n one that is left out.
func (o outcome) tooLarge(n int) bool {
	return o.fault.Name == "big-event" && (uint64(n)+o.fault.Seed)%3 == 0 && o.health.Counts.Bad > 0
}

// firstLive is when the feed was first connected.
func (o outcome) firstLive() time.Time {
	for _, change := range o.log {
		if change.State == source.Live {
			return change.At
		}
	}
	return time.Now()
}

type gap struct{ from, to time.Time }

var gapSentence = regexp.MustCompile(`events between (\S+ \S+) and (\S+ \S+) \(UTC\) may be missing`)

// gaps are those that the feed's log tells of. Its times are whole seconds.
func (o outcome) gaps(t *testing.T) (gaps []gap) {
	t.Helper()
	for _, change := range o.log {
		if m := gapSentence.FindStringSubmatch(change.Cause); m != nil {
			from, err := time.Parse(time.DateTime, m[1])
			to, errTo := time.Parse(time.DateTime, m[2])
			if err != nil || errTo != nil {
				t.Fatalf("%q", change.Cause)
			}
			gaps = append(gaps, gap{from, to.Add(time.Second)})
		}
	}
	return gaps
}

// checkList: each item is there, those that are never edited in order, and no
// version twice. Of several versions between two polls only the last can be seen.
func (o outcome) checkList(t *testing.T) {
	t.Helper()
	sent := map[string]int{}
	for _, id := range o.sent {
		sent[id]++
	}
	lost := map[string]bool{}
	for n, id := range o.sent {
		lost[id] = lost[id] || o.tooLarge(n)
	}
	versions, seen := map[string]int{}, map[string]bool{}
	var got []string
	for i, id := range o.ids() {
		if versions[id]++; sent[id] == 1 {
			got = append(got, id)
		}
		version := id + string(o.stored[i].Data)
		if seen[version] {
			t.Errorf("%s is stored twice with the same content", id)
		}
		seen[version] = true
	}
	want := slices.DeleteFunc(slices.Clone(o.sent), func(id string) bool { return sent[id] > 1 || lost[id] && versions[id] == 0 })
	if !slices.Equal(got, want) {
		t.Errorf("stored %v, want %v", got, want)
	}
	if o.health.Counts.Gaps != 0 {
		t.Errorf("%d gaps in a list that holds all", o.health.Counts.Gaps)
	}
	for id, n := range sent {
		if versions[id] == 0 && !lost[id] || versions[id] > n {
			t.Errorf("%d versions of %s, upstream had %d", versions[id], id, n)
		}
	}
}

// checkSamples: what was seen is in order, and ends with how it is now.
func (o outcome) checkSamples(t *testing.T) {
	t.Helper()
	at := 0
	ids := o.ids()
	for _, id := range ids {
		i := slices.Index(o.sent[at:], id)
		if i < 0 {
			t.Fatalf("%s came again, or out of order: %v", id, ids)
		}
		at += i + 1
	}
	if at != len(o.sent) {
		t.Errorf("the last is %d of %d", at, len(o.sent))
	}
}

// seedOf chooses where a fault strikes, by its name and the trial's.
func seedOf(names ...string) (seed uint64) {
	for _, c := range strings.Join(names, " ") {
		seed = seed*31 + uint64(c)
	}
	return seed % 1000
}

// spoilt are faults that no client gets over, but which leave the connection.
var spoilt = []string{"big-event", "nul-id", "invalid-utf8"}

func TestEachKindOfFeedGetsOverEachFault(t *testing.T) {
	t.Parallel()
	for _, tt := range trials() {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			faults := tt.survivable()
			big := slices.IndexFunc(faults, func(f simulate.Fault) bool { return f.Name == "big-event" })
			var outcomes []outcome
			if big >= 0 { // on its own and not for long: each is 5 MB
				outcomes = tt.run(t, faults[big:big+1], 6*every+every/2)
				faults = slices.Delete(faults, big, big+1)
			}
			for _, o := range append(outcomes, tt.run(t, faults, long)...) {
				t.Run(o.fault.Name, func(t *testing.T) {
					o.check(t)
					o.checkNamed(t)
					if o.health.State != source.Live || len(o.stored) < 3 {
						t.Errorf("%s %q, %d events", o.health.State, o.health.Cause, len(o.stored))
					}
				})
			}
		})
	}
}

// named is what the feed's log says of faults that harm nobody.
var named = map[string]string{
	"one-byte": "very small pieces", "invalid-utf8": "not UTF-8", "nul-id": "a NUL into ids",
}

// checkNamed: the log says it, and only once.
func (o outcome) checkNamed(t *testing.T) {
	t.Helper()
	broken := slices.ContainsFunc(o.stored, func(e event.Event) bool { return bytes.Contains(e.Data, []byte("\ufffd")) })
	if o.fault.Name == "random" || o.fault.Name == "invalid-utf8" && !broken {
		return // one of them, or it has struck nothing
	}
	for fault, sentence := range named {
		said := 0
		for _, change := range o.log {
			if strings.Contains(change.Cause, sentence) {
				said++
			}
		}
		if want := o.fault.Name == fault; want && said != 1 || !want && said > 0 {
			t.Errorf("…%s… is said %d times", sentence, said)
		}
	}
}

// survivable are the faults that the feed must get over, each thrice.
func (tt trial) survivable() (faults []simulate.Fault) {
	for _, info := range simulate.Faults() {
		switch {
		case !info.Survivable && !slices.Contains(spoilt, info.Name), !slices.Contains(info.On, tt.protocol()):
		case info.Name == "nul-id" && tt.path != "/sse/numbers": // without its id, a place in a log has no name in the payload
		case info.Name == "307" && tt.feed.Auth.Secret != "": // it must not get the key that the script has
		case info.Name == "duplicate-ids" && tt.path == "/sse/mastodon": // what has no id can't be told from the same said twice
		default:
			fault := simulate.Fault{Name: info.Name, Seed: seedOf(tt.name, info.Name), Times: 3}
			if info.Name == "cut-24h" {
				fault.Wait = 20 * time.Second
			}
			faults = append(faults, fault)
		}
	}
	return faults
}

// ending is what becomes of a feed whose server can't be got over.
type ending struct {
	state    source.State
	sentence string
}

// endings say so by fault, and by kind where it isn't the same for all.
var endings = map[string]map[string]ending{
	"204": {
		"sse": {source.Ended, "204 No Content"}, "ndjson": {source.Failed, "204 No Content instead of events"},
		"": {source.Quiet, "no event has come over it yet"}, // nothing new
	},
	"401-basic":     {"": {source.NeedsAuth, "it asks for Basic authentication"}},
	"401-bearer":    {"": {source.NeedsAuth, "it asks for Bearer authentication"}},
	"403":           {"": {source.NeedsAuth, "refuses access (403 Forbidden)"}},
	"404":           {"": {source.Failed, "nothing at this path (404 Not Found)"}},
	"410":           {"": {source.Ended, "gone for good (410 Gone)"}},
	"redirect-loop": {"": {source.Failed, "redirected more than 5 times"}},
	"login-page": {
		"sse": {source.Failed, "is a web page (text/html)"}, "ndjson": {source.Failed, "is a web page (text/html)"}, "rss": {source.Retrying, "is a web page (text/html)"},
		"poll": {source.Retrying, "is not JSON"}, "longpoll": {source.Retrying, "is not JSON"},
	},
	"silence": {
		"rss": {source.Retrying, "did not answer in time"}, "poll": {source.Retrying, "did not answer in time"}, "longpoll": {source.Retrying, "did not answer in time"},
		"": {source.Quiet, "no event has come over it yet"},
	},
}

// endingOf is what is to become of a feed of a kind with a fault.
func endingOf(fault, kind string) (ending, bool) {
	if e, known := endings[fault][kind]; known {
		return e, true
	}
	e, known := endings[fault][""]
	return e, known
}

func TestAFeedWhoseServerCannotBeGotOverSaysWhy(t *testing.T) {
	t.Parallel()
	names := []string{"sse by Last-Event-ID", "websocket by a cursor", "ndjson by a cursor", "longpoll", "rss", "poll of a list"}
	for _, tt := range trials() {
		if !slices.Contains(names, tt.name) {
			continue
		}
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var faults []simulate.Fault
			for _, info := range simulate.Faults() {
				if _, known := endingOf(info.Name, tt.feed.Kind); known && slices.Contains(info.On, tt.protocol()) {
					faults = append(faults, simulate.Fault{Name: info.Name})
				}
			}
			for _, o := range tt.run(t, faults, 7*time.Minute+10*time.Second) {
				want, _ := endingOf(o.fault.Name, tt.feed.Kind)
				said := slices.ContainsFunc(o.log, func(c source.Change) bool { return c.State == want.state && strings.Contains(c.Cause, want.sentence) })
				if !said || len(o.stored) > 0 {
					t.Errorf("%s: %d events, want %s, …%s… in %v", o.fault.Name, len(o.stored), want.state, want.sentence, o.log)
				}
			}
		})
	}
}

func TestARestartOfTheProgramIsAGapInAFeedThatCannotResume(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, run := simulator(t, 1)
		all, feeds := several(begins, resumes)
		w := run(feeds...)
		<-time.After(20 * time.Second)
		w.stop()
		<-time.After(time.Minute)
		w = run(feeds...)
		<-time.After(20 * time.Second)
		synctest.Wait()
		for _, tt := range all {
			o := outcome{trial: tt, log: w.feeds.Log(tt.feed.ID)}
			gaps := o.gaps(t)
			if (tt.how == begins) != (len(gaps) == 1) || len(gaps) == 1 && gaps[0].to.Sub(gaps[0].from) < time.Minute {
				t.Errorf("%s: %v", tt.name, o.log)
			}
		}
	})
}

func TestEveryFaultIsTriedOnEveryKindThatItCanStrike(t *testing.T) {
	for _, info := range simulate.Faults() {
		_, ends := endings[info.Name]
		_, attacks := hostile[info.Name]
		if !info.Survivable && !slices.Contains(spoilt, info.Name) && !ends && !attacks {
			t.Errorf("no test strikes with %s", info.Name)
		}
	}
}
