package source

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// streams are feeds of as many hosts, each of which streams without an event.
func streams(t *testing.T, n int) (network, *hostsOf, []Feed) {
	t.Helper()
	handlers := map[string]http.Handler{}
	var feeds []Feed
	for i := range n {
		host := fmt.Sprintf("host%d.example", i)
		handlers[host] = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "text/event-stream")
			w.(http.Flusher).Flush()
			select {
			case <-r.Context().Done():
			case <-time.After(time.Minute):
			}
		})
		feeds = append(feeds, Feed{ID: fmt.Sprint("f", i), Name: host, Kind: KindSSE, URL: "http://" + host + "/"})
	}
	net, w := world(t, handlers)
	return net, w, feeds
}

func states(s *Supervisor) string {
	var out []string
	for _, h := range s.Health() {
		out = append(out, string(h.State))
	}
	return strings.Join(out, " ")
}

func TestALostNetworkIsSeenOnceAndAllFeedsComeBackTogether(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		net, w, feeds := streams(t, 5)
		s, _ := superviseIn(t, net, feeds...)
		advance(30 * time.Second)
		w.gone.Store(true)
		advance(10 * time.Minute) // the streams end, and nobody can be reached
		synctest.Wait()
		for _, h := range s.Health() {
			if h.State != Retrying || h.Cause != causeLost || time.Until(h.NextAttempt) > lostRetry {
				t.Errorf("%s: %s %q, next attempt in %v", h.ID, h.State, h.Cause, time.Until(h.NextAttempt))
			}
		}
		w.gone.Store(false)
		advance(lostRetry + together + time.Second)
		synctest.Wait()
		if got := states(s); got != "live live live live live" {
			t.Errorf("after the network came back: %s", got)
		}
	})
}

func TestServersThatAreDownAreNoLostNetwork(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		net, _, feeds := streams(t, 1)
		for i := range 4 {
			feeds = append(feeds, Feed{ID: fmt.Sprint("dead", i), Name: fmt.Sprint("dead", i), Kind: KindSSE, URL: fmt.Sprintf("http://dead%d.example/", i)})
		}
		s, _ := superviseIn(t, net, feeds...)
		advance(20 * time.Minute)
		synctest.Wait()
		for _, h := range s.Health()[1:] {
			if h.State != Retrying || !strings.Contains(h.Cause, "no host called dead") {
				t.Errorf("%s: %s", h.State, h.Cause)
			}
		}
	})
}

func TestWhileOneFeedIsHeardTheNetworkIsNotLost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		heard := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "text/event-stream")
			for r.Context().Err() == nil {
				fmt.Fprint(w, ": still here\n\n")
				w.(http.Flusher).Flush()
				select {
				case <-time.After(5 * time.Second):
				case <-r.Context().Done():
				}
			}
		})
		net, _ := world(t, map[string]http.Handler{"heard.example": heard})
		_, far := world(t, nil)
		far.gone.Store(true)
		net.dial = route(far.dial, net.dial, "heard.example:80")
		feeds := []Feed{{ID: "heard", Name: "heard", Kind: KindSSE, URL: "http://heard.example/"}}
		for i := range 4 {
			feeds = append(feeds, Feed{ID: fmt.Sprint("far", i), Name: fmt.Sprint("far", i), Kind: KindSSE, URL: fmt.Sprintf("http://far%d.example/", i)})
		}
		s, _ := superviseIn(t, net, feeds...)
		advance(20 * time.Minute)
		synctest.Wait()
		for _, h := range s.Health()[1:] {
			if h.State != Retrying || !strings.Contains(h.Cause, "There is no way to far") {
				t.Errorf("%s: %s", h.State, h.Cause)
			}
		}
	})
}

func TestAfterASleepFeedsAreTriedAgainAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		net, _, feeds := streams(t, 2)
		refused := Feed{ID: "asked", Name: "asked", Kind: KindSSE, URL: "http://busy.example/"}
		busy := &answers{next: []http.HandlerFunc{fail(http.StatusTooManyRequests, "Retry-After", "3600")}}
		more, _ := world(t, map[string]http.Handler{"busy.example": busy})
		net.dial = route(net.dial, more.dial, "busy.example:80")
		s, _ := superviseIn(t, net, append(feeds, refused)...)
		advance(10 * time.Second)
		synctest.Wait()
		s.retryAll(true) // what watch does
		advance(2 * together)
		synctest.Wait()
		if got := states(s); got != "live live retrying" {
			t.Errorf("%s", got)
		}
		log := fmt.Sprint(s.Log("f0"))
		if !strings.Contains(log, "retrying The computer slept") || strings.Count(log, "live") != 2 {
			t.Errorf("%s", log)
		}
		if len(busy.requests) != 1 {
			t.Errorf("%d requests to a server that had asked for an hour's rest", len(busy.requests))
		}
	})
}

func TestSleepIsSeenByWhicheverClockWentOn(t *testing.T) {
	now := time.Now()
	if d := passed(now, now.Add(time.Hour)); d != time.Hour {
		t.Errorf("both clocks: %v", d)
	}
	if d := passed(now.Round(0), now.Add(time.Hour).Round(0)); d != time.Hour {
		t.Errorf("the wall clock: %v", d)
	}
}

func TestConnectionsToOneHostAreSpacedWhicheverFeedTheyAreFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		host := &answers{next: []http.HandlerFunc{fail(http.StatusServiceUnavailable)}}
		net, _ := world(t, map[string]http.Handler{"a.example": host, "b.example": host})
		s, _ := superviseIn(t, net)
		s.hosts.pause = hostPause
		var feeds []Feed
		for i := range 20 {
			feeds = append(feeds, Feed{ID: fmt.Sprint("f", i), Name: fmt.Sprint("f", i), Kind: KindSSE, URL: fmt.Sprintf("http://a.example/%d", i)})
		}
		other := Feed{ID: "b", Name: "b", Kind: KindSSE, URL: "http://b.example/"}
		s.Set(append(feeds, other))
		advance(10*time.Second + time.Second/2)
		for i := range feeds {
			s.Retry(fmt.Sprint("f", i))
		}
		advance(50 * time.Second)
		synctest.Wait()
		host.mu.Lock()
		defer host.mu.Unlock()
		var last time.Time
		n := 0
		for i, r := range host.requests {
			if r.Host != "a.example" {
				continue
			}
			if gap := host.at[i].Sub(last); gap < hostPause {
				t.Errorf("two connections within %v", gap)
			}
			last = host.at[i]
			n++
		}
		if n < 40 {
			t.Errorf("only %d connections in a minute", n)
		}
	})
}

func TestTheLogHoldsTheLast200Changes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		net, _ := world(t, map[string]http.Handler{"a.example": &answers{next: []http.HandlerFunc{fail(http.StatusBadGateway)}}})
		s, _ := superviseIn(t, net, sseFeed("http://a.example/"))
		advance(5 * time.Hour)
		synctest.Wait()
		log := s.Log("x")
		if len(log) != maxChanges || !log[0].At.Before(log[maxChanges-1].At) || !strings.Contains(log[maxChanges-1].Cause+log[maxChanges-2].Cause, "502 Bad Gateway") {
			t.Errorf("%d: %v", len(log), log[len(log)-1])
		}
		if s.Log("nobody") != nil || s.Bad("nobody") != nil {
			t.Error("there is something about a feed that isn't")
		}
		renewed := sseFeed("http://a.example/")
		renewed.Items = "x"
		s.Set([]Feed{renewed})
		synctest.Wait()
		if got := s.Log("x"); len(got) != maxChanges {
			t.Errorf("a changed feed has forgotten its past: %d", len(got))
		}
	})
}
