package catalogue

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/mmcdole/gofeed"
	"github.com/tidwall/gjson"

	"tickertape/backend/event"
	"tickertape/backend/source"
	"tickertape/backend/sse"
)

var update = flag.Bool("update", false, "write the golden files anew")

// Each preset has a sample of what its server sends, in the service's shape with
// values of ours, and a golden file of what becomes of it.
func TestEveryPresetMapsItsWireShape(t *testing.T) {
	for _, p := range All() {
		t.Run(p.ID, func(t *testing.T) {
			raws := receive(t, p)
			if len(raws) == 0 {
				t.Fatal("the sample has no event")
			}
			var got strings.Builder
			for _, raw := range raws {
				e := p.Mapping.Map(p.ID, raw)
				describe(&got, &e)
			}
			golden := filepath.Join("testdata", p.ID+".golden")
			if *update {
				if err := os.WriteFile(golden, []byte(got.String()), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if diff := gocmp.Diff(string(want), got.String()); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestEverySampleBelongsToAPreset(t *testing.T) {
	files, err := os.ReadDir("testdata")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		id, _, _ := strings.Cut(file.Name(), ".")
		if _, found := Find(id); !found {
			t.Errorf("%s: there is no preset %s", file.Name(), id)
		}
	}
}

// describe writes what an event's mapping found, a field a line.
func describe(out io.Writer, e *event.Event) {
	fmt.Fprintln(out, e.Type)
	at := ""
	if !e.SourceTime.IsZero() {
		at = e.SourceTime.UTC().Format(time.RFC3339Nano)
	}
	for _, field := range []struct{ name, value string }{
		{"id", e.SourceID},
		{"key", e.Key},
		{"title", e.Title},
		{"text", e.Text},
		{"url", e.URL},
		{"value", e.Value},
		{"severity", e.Severity},
		{"time", at},
	} {
		if field.value != "" {
			lines := strings.ReplaceAll(field.value, "\n", "\n           ")
			fmt.Fprintf(out, "  %-8s %s\n", field.name, strings.ReplaceAll(lines, "           \n", "\n"))
		}
	}
}

// receive reads a preset's sample as its kind of source does, but in the order
// in which it stands there.
func receive(t *testing.T, p Preset) []event.Raw {
	t.Helper()
	samples, err := filepath.Glob(filepath.Join("testdata", p.ID+".*"))
	if err != nil {
		t.Fatal(err)
	}
	samples = slices.DeleteFunc(samples, func(name string) bool { return strings.HasSuffix(name, ".golden") })
	if len(samples) != 1 {
		t.Fatalf("%d samples, want 1: %q", len(samples), samples)
	}
	data, err := os.ReadFile(samples[0])
	if err != nil {
		t.Fatal(err)
	}
	switch p.Feed.Kind {
	case "sse":
		return frames(t, p.Feed, data)
	case "rss":
		return items(t, data)
	case "poll":
		return split(p.Feed, event.Raw{Data: bytes.TrimSpace(data)})
	}
	var raws []event.Raw
	for line := range bytes.Lines(data) {
		raws = append(raws, split(p.Feed, event.Raw{Data: bytes.TrimSpace(line)})...)
	}
	return raws
}

func frames(t *testing.T, f source.Feed, stream []byte) (raws []event.Raw) {
	t.Helper()
	in := sse.NewDecoder(bytes.NewReader(stream), sse.DecoderConfig{})
	for {
		e, err := in.Next()
		if errors.Is(err, io.EOF) {
			return raws
		}
		if err != nil {
			t.Fatal(err)
		}
		raw := event.Raw{Type: e.Type, Data: []byte(e.Data)}
		if e.HasID {
			raw.ID = e.LastEventID
		}
		raws = append(raws, split(f, raw)...)
	}
}

// split takes a message apart by the feed's items; a heartbeat is none.
func split(f source.Feed, raw event.Raw) (raws []event.Raw) {
	if f.IsHeartbeat(raw.Type, raw.Data) {
		return nil
	}
	found := gjson.GetBytes(raw.Data, cmp.Or(f.Items, "@this"))
	switch {
	case f.Items == "" || !found.Exists():
		return []event.Raw{raw}
	case !found.IsArray():
		raw.Data = []byte(found.Raw)
		return []event.Raw{raw}
	}
	for _, item := range found.Array() {
		raws = append(raws, event.Raw{Type: raw.Type, Data: []byte(item.Raw)})
	}
	return raws
}

// items are those of an RSS, Atom or JSON Feed, with the members that the rss
// source gives them.
func items(t *testing.T, document []byte) (raws []event.Raw) {
	t.Helper()
	feed, err := gofeed.NewParser().Parse(bytes.NewReader(document))
	if err != nil {
		t.Fatal(err)
	}
	for _, it := range feed.Items {
		payload := map[string]any{"id": cmp.Or(it.GUID, it.Link), "title": it.Title, "link": it.Link, "text": cmp.Or(it.Description, it.Content)}
		if it.PublishedParsed != nil {
			payload["published"] = it.PublishedParsed
		}
		if it.UpdatedParsed != nil {
			payload["updated"] = it.UpdatedParsed
		}
		data, err := json.Marshal(payload)
		if err != nil {
			t.Fatal(err)
		}
		raws = append(raws, event.Raw{ID: cmp.Or(it.GUID, it.Link), Data: data})
	}
	return raws
}
