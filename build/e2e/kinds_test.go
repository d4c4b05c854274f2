//go:build e2e

package e2e

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"tickertape/backend/engine"
	"tickertape/build/rig"
)

// kind is a kind of feed as a person adds and edits one in the dialogue.
type kind struct {
	name  string
	typed string // into the field that adds feeds: an address, or words for the catalogue
	more  bool   // the option is among those that are folded away
	label string // the option that is changed
	value string
	saved string // how the settings file has it, as JSON
}

func kinds(feeds string) []kind {
	return []kind{
		{"clock", "clock", false, "Interval", "1s", `"interval": "1s"`},
		{"simulator", "ticker demo", false, "Events a second", "7", `"rate": 7`},
		{"sse", feeds + "/sse/mastodon", true, "User agent", "e2e", `"userAgent": "e2e"`},
		{"websocket", strings.Replace(feeds, "http:", "ws:", 1) + "/ws/jetstream", true, "Signs of life", "type=ping", `"heartbeat": "type=ping"`},
		{"ndjson", feeds + "/ndjson/lichess", true, "Size of an event, bytes", "65536", `"maxEvent": 65536`},
		{"rss", feeds + "/rss", false, "Interval", "1s", `"interval": "1s"`},
		{"poll", feeds + "/poll/usgs", false, "Interval", "1s", `"interval": "1s"`},
		{"longpoll", feeds + "/longpoll", true, "Items of an answer", "500", `"maxItems": 500`},
		{"push", "published", true, "Share at the front door", "", `"share": true`},
	}
}

// In the true window a feed of each kind is added, seen, edited, paused, removed and put back by typing and clicking.
func TestWindowAddsAFeedOfEachKind(t *testing.T) {
	feeds := simulated(t)
	d := newDesk(t)
	d.open(t)
	d.sees(t, 10*time.Second, "the open stream", shown(byHook("stream-state")+`[data-state="open"]`, ""))
	d.click(t, "tab-settings")
	for _, k := range kinds(feeds) {
		began := time.Now()
		d.look(t, k)
		d.click(t, "add-feed-submit")
		d.closed(t)
		id := d.added(t)
		d.living(t, id)
		if k.name == "push" {
			d.publish(t, id)
		}
		d.click(t, "feed-show")
		d.sees(t, 20*time.Second, "an event of "+k.name, shown(rowOf(id), ""))
		d.click(t, "tab-settings")
		d.edit(t, id, k)
		d.pause(t, id)
		d.remove(t, id)
		t.Logf("%s: %v", k.name, time.Since(began).Round(100*time.Millisecond))
	}
	must(t, d.Stop())
}

// look opens the dialogue with a feed of the kind, and returns when that can be saved.
func (d *desk) look(t *testing.T, k kind) {
	t.Helper()
	d.fill(t, "add-feed-url", k.typed)
	if !strings.Contains(k.typed, "://") {
		d.sees(t, 10*time.Second, "the suggestion", shown(byHook("add-feed-suggestion"), ""))
		must(t, d.Press(t.Context(), "Down"))
		must(t, d.Press(t.Context(), "Return"))
		return
	}
	must(t, d.Press(t.Context(), "Return"))
	d.sees(t, 20*time.Second, "what was found", shown(byHook("feed-probe-found"), ""))
	if k.name != "longpoll" {
		d.sees(t, 20*time.Second, "the kind", shown(byHook("feed-probe-found")+fmt.Sprintf(`[data-kind=%q]`, k.name), ""))
		return
	}
	// No probe can tell one from an answer without news.
	must(t, d.Click(t.Context(), byHook("feed-url")))
	must(t, d.Press(t.Context(), "Tab"))
	must(t, d.Type(t.Context(), "Long"))
	d.sees(t, 5*time.Second, "the kind", "document.querySelector("+js(byHook("feed-kind"))+").selectedOptions[0].label === 'Long polling'")
	d.click(t, "feed-more")
	d.fill(t, "feed-items", "events")
	d.fill(t, "feed-cursor-path", "next")
	d.fill(t, "feed-cursor-param", "cursor")
}

func (d *desk) closed(t *testing.T) {
	t.Helper()
	d.sees(t, 10*time.Second, "the dialogue to be gone", "document.querySelector('dialog[open]') === null")
}

// added is the id of the feed that was just added: its row offers to show its events.
func (d *desk) added(t *testing.T) (id string) {
	t.Helper()
	d.sees(t, 10*time.Second, "the new feed", shown(byHook("feed-show"), ""))
	must(t, d.Eval(t.Context(), fmt.Sprintf("document.querySelector(%s).closest('[data-feed]').dataset.feed", js(byHook("feed-show"))), &id))
	return id
}

// living waits until the feed's row says that it is well.
func (d *desk) living(t *testing.T, id string) {
	t.Helper()
	d.sees(t, 20*time.Second, id+" to be live", shown(inRow(id, "", "live", "quiet"), ""))
}

// inRow is the selector of something in a feed's row of the settings, while the feed is in one of the states.
func inRow(id, hook string, states ...string) string {
	var selectors []string
	for row := range strings.SplitSeq(feedIn(id, states...), ",") {
		row = byHook("feed-row") + row
		if hook != "" {
			row += " " + byHook(hook)
		}
		selectors = append(selectors, row)
	}
	return strings.Join(selectors, ",")
}

// edit gives the feed another name and its option another value.
func (d *desk) edit(t *testing.T, id string, k kind) {
	t.Helper()
	must(t, d.Click(t.Context(), inRow(id, "feed-edit", "live", "quiet")))
	d.fill(t, "edit-feed-name", "Our "+k.name)
	if k.more {
		d.click(t, "feed-more")
	}
	if k.value == "" {
		must(t, d.Click(t.Context(), d.labelled(t, k.label)))
	} else {
		must(t, d.Fill(t.Context(), d.labelled(t, k.label), k.value))
	}
	d.click(t, "edit-feed-save")
	d.closed(t)
	d.sees(t, 10*time.Second, "the new name", shown(byHook("feed-row"), "Our "+k.name))
	d.living(t, id)
	feed := d.savedFeed(t, id)
	if want := map[string]json.RawMessage{}; json.Unmarshal([]byte("{"+k.saved+"}"), &want) == nil {
		for name, value := range want {
			if string(feed[name]) != string(value) {
				t.Errorf("%s: the settings have %s for %s, want %s", k.name, feed[name], name, value)
			}
		}
	}
}

// savedFeed is a feed as the settings file has it.
func (d *desk) savedFeed(t *testing.T, id string) map[string]json.RawMessage {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(d.data, engine.SettingsFile))
	must(t, err)
	var document struct{ Feeds []map[string]json.RawMessage }
	must(t, json.Unmarshal(data, &document))
	for _, feed := range document.Feeds {
		if string(feed["id"]) == js(id) {
			return feed
		}
	}
	t.Fatalf("the settings have no feed %s: %s", id, data)
	return nil
}

// labelled is the selector of the control in the open dialogue that has this label, as a screen reader would say it.
func (d *desk) labelled(t *testing.T, label string) string {
	t.Helper()
	find := fmt.Sprintf(`(() => {
		const dialog = document.querySelector('dialog[open]');
		const named = [...(dialog?.querySelectorAll('label, [id]') ?? [])].find((e) => e.textContent.trim() === %s && (e.htmlFor || e.id));
		if (!named) return '';
		return named.htmlFor ? '#' + CSS.escape(named.htmlFor) : '[aria-labelledby="' + named.id + '"]';
	})()`, js(label))
	var selector string
	must(t, rig.Until(within(t, 10*time.Second), "a control labelled "+label, func(ctx context.Context) (bool, error) {
		err := d.Eval(ctx, find, &selector)
		return selector != "", err
	}))
	return selector
}

// pause pauses the feed, and lets it go on.
func (d *desk) pause(t *testing.T, id string) {
	t.Helper()
	must(t, d.Click(t.Context(), inRow(id, "feed-pause", "live", "quiet")))
	d.sees(t, 10*time.Second, id+" to be paused", shown(inRow(id, "", "paused"), ""))
	must(t, d.Click(t.Context(), inRow(id, "feed-pause", "paused")))
	d.living(t, id)
}

// remove removes the feed and takes that back: it is there again with all that it had.
func (d *desk) remove(t *testing.T, id string) {
	t.Helper()
	before := d.door().history(t, id)
	if len(before) == 0 {
		t.Fatalf("%s has no history", id)
	}
	must(t, d.Click(t.Context(), inRow(id, "feed-remove", "live", "quiet")))
	d.sees(t, 10*time.Second, id+" to be removed", shown(byHook("feed-removed")+fmt.Sprintf(`[data-feed=%q]`, id), ""))
	if d.door().serves(t, id) {
		t.Errorf("%s is removed, and served", id)
	}
	must(t, d.Click(t.Context(), byHook("feed-removed")+fmt.Sprintf(`[data-feed=%q] `, id)+byHook("feed-undo")))
	d.living(t, id)
	after := d.door().history(t, id)
	for i, e := range before {
		if i >= len(after) || after[i].ID != e.ID {
			t.Fatalf("%s had %d events, and has %d after the undo: not all are there", id, len(before), len(after))
		}
	}
}

// serves says whether the door has a feed with this id.
func (d door) serves(t *testing.T, id string) bool {
	t.Helper()
	var list struct{ Feeds []struct{ ID string } }
	d.get(t, "/feeds", &list)
	for _, f := range list.Feeds {
		if f.ID == id {
			return true
		}
	}
	return false
}

// publish publishes an event to the feed, with a token made for that.
func (d *desk) publish(t *testing.T, id string) {
	t.Helper()
	token, err := rig.Run(within(t, 20*time.Second), rig.Command{
		Path: program(t, "tickertape-cli"), Args: []string{"token", "create", "--name", "e2e", "--scope", "publish", "--data", d.data},
	})
	must(t, err)
	must(t, rig.Until(within(t, 20*time.Second), "the door to take an event", func(ctx context.Context) (bool, error) {
		request, err := http.NewRequestWithContext(ctx, http.MethodPost, d.door().base+"/feeds/"+id+"/events?id=1", strings.NewReader(`{"title": "Published"}`))
		if err != nil {
			return false, err
		}
		request.Header.Set("Authorization", "Bearer "+strings.TrimSpace(token))
		request.Header.Set("Content-Type", "application/json")
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			return false, err
		}
		return response.StatusCode == http.StatusAccepted, response.Body.Close()
	}))
}
