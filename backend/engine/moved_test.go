package engine

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"tickertape/backend/settings"
	"tickertape/backend/source"
)

func TestAMovedFeedIsReadAndKeptAtItsNewAddress(t *testing.T) {
	const feed = `<rss><channel><item><guid>1</guid><title>One</title></item><item><guid>2</guid><title>Two</title></item></channel></rss>`
	var old atomic.Int32
	mux := http.NewServeMux()
	mux.HandleFunc("/old", func(w http.ResponseWriter, r *http.Request) {
		old.Add(1)
		http.Redirect(w, r, "/new", http.StatusMovedPermanently)
	})
	mux.HandleFunc("/new", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(feed)) })
	server := httptest.NewServer(mux)
	defer server.Close()
	dir := t.TempDir()
	change(t, dir, func(next *settings.Settings) error {
		next.Feeds = nil
		_, err := next.Add(settings.Feed{Feed: source.Feed{Name: "Up", Kind: source.KindRSS, URL: server.URL + "/old"}})
		return err
	})
	e, stop := start(t, dir)
	look := time.NewTicker(5 * time.Millisecond)
	defer look.Stop()
	for range look.C {
		current, _ := e.settings.Current()
		h := e.feeds.Health()[0]
		if current.Feeds[0].URL == server.URL+"/new" && h.State == source.Live && h.Counts.Duplicates == 2 {
			break
		}
	}
	log := ""
	for _, change := range e.feeds.Log("up") {
		log += change.Cause
	}
	if !strings.Contains(log, "has moved for good: its address is now "+server.URL+"/new.") || old.Load() != 1 {
		t.Errorf("asked %d times at the old place: %q", old.Load(), log)
	}
	stop()
}
