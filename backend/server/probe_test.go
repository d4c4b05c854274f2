package server

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"tickertape/backend/event"
	"tickertape/backend/source"
)

func TestAProbeIsAnsweredWithItsResult(t *testing.T) {
	r := newRig(t)
	r.cfg.Probe = func(_ context.Context, input string, _ source.ProbeConfig) *source.ProbeResult {
		return &source.ProbeResult{Kind: source.KindSSE, Name: input, Feed: &source.Feed{Name: input, Kind: source.KindSSE, Auth: source.Auth{Type: source.AuthBearer, Secret: "kept"}, URL: "https://a.example/?token=kept"}}
	}
	got := r.do(t, ask{private: true, method: "POST", path: "/api/probe", body: `{"input":"a<b"}`})
	if got.status != http.StatusOK || !strings.Contains(got.body, `"name":"a<b"`) || strings.Contains(got.body, "kept") {
		t.Errorf("%d %s", got.status, got.body)
	}
	var found struct{ Feed json.RawMessage }
	must(t, json.Unmarshal([]byte(got.body), &found))
	if got := r.do(t, ask{private: true, method: "POST", path: "/api/feeds", body: strings.Replace(string(found.Feed), `"id":""`, `"id":"probed"`, 1)}); got.status != http.StatusCreated {
		t.Fatal(got.body)
	}
	saved, _ := r.cfg.Settings.Current()
	if f := saved.Feeds[saved.Feed("probed")]; f.Auth.Secret != "kept" || f.URL != "https://a.example/?token=kept" {
		t.Errorf("what its masks hide isn't saved: %q", f.URL)
	}
	if got := r.do(t, ask{private: true, method: "POST", path: "/api/probe", body: `{`}); got.status != http.StatusBadRequest {
		t.Errorf("half a body: %d", got.status)
	}
	if got := r.do(t, ask{method: "POST", path: "/api/probe", body: `{"input":"x"}`}); got.status < 400 {
		t.Errorf("the front door probes: %d", got.status)
	}
}

func TestAProbeMayTakeLongerThanOtherAnswers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &Server{cfg: Config{Log: slog.New(slog.DiscardHandler), Probe: func(context.Context, string, source.ProbeConfig) *source.ProbeResult {
			<-time.After(writeTimeout + time.Second)
			return &source.ProbeResult{Name: "late"}
		}}}
		p := newPipes()
		d := openDoor(p, s.mux([]route{{"POST /api/probe", s.probe}}), s.cfg.Log)
		defer d.close()
		conn, err := p.dial(t.Context())
		must(t, err)
		defer conn.Close()
		const body = `{"input":"x"}`
		fmt.Fprintf(conn, "POST /api/probe HTTP/1.1\r\nHost: 127.0.0.1:5000\r\nConnection: close\r\nContent-Length: %d\r\n\r\n%s", len(body), body)
		if got, _ := io.ReadAll(conn); !strings.Contains(string(got), `"name":"late"`) {
			t.Errorf("%q", got)
		}
	})
}

func TestAProbeEndsWithItsClient(t *testing.T) {
	r := newRig(t)
	ended := make(chan error, 1)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	r.cfg.Probe = func(ctx context.Context, _ string, _ source.ProbeConfig) *source.ProbeResult {
		cancel()
		<-ctx.Done()
		ended <- ctx.Err()
		return &source.ProbeResult{}
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, r.private.URL+"/api/probe", strings.NewReader(`{"input":"x"}`))
	must(t, err)
	req.Header.Set(KeyHeader, r.private.Key)
	if resp, err := r.client.Do(req); err == nil {
		resp.Body.Close()
		t.Error("an answer to nobody")
	}
	if err := <-ended; err == nil {
		t.Error("it wasn't cancelled")
	}
}

func TestAProbeTellsItsStepsAsItTakesThem(t *testing.T) {
	r := newRig(t)
	told := make(chan struct{})
	r.cfg.Probe = func(_ context.Context, _ string, cfg source.ProbeConfig) *source.ProbeResult {
		cfg.Step("dns", "1 ms")
		<-told // the step is with its reader before there is a result
		return &source.ProbeResult{Name: "a<b"}
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, r.private.URL+"/api/probe", strings.NewReader(`{"input":"x"}`))
	must(t, err)
	req.Header.Set(KeyHeader, r.private.Key)
	req.Header.Set("Accept", "application/x-ndjson")
	resp, err := r.client.Do(req)
	must(t, err)
	defer resp.Body.Close()
	lines := bufio.NewReader(resp.Body)
	first, err := lines.ReadString('\n')
	must(t, err)
	close(told)
	if !strings.HasPrefix(first, `{"step":"dns","detail":"1 ms","ms":`) {
		t.Errorf("the first line is %s", first)
	}
	if last, _ := io.ReadAll(lines); !strings.HasPrefix(string(last), `{"result":{"name":"a<b",`) {
		t.Errorf("the last line is %s", last)
	}
}

func TestAProbeOfAnEditKnowsTheSecretsOfItsFeed(t *testing.T) {
	r := build{window: true, feeds: `{"id": "a", "name": "A", "kind": "sse", "paused": true, "url": "http://127.0.0.1:1/", "auth": {"type": "bearer", "secret": "hunter2"}}`}.run(t)
	var got source.ProbeConfig
	r.cfg.Probe = func(_ context.Context, _ string, cfg source.ProbeConfig) *source.ProbeResult {
		got = cfg
		return &source.ProbeResult{}
	}
	r.do(t, ask{private: true, method: "POST", path: "/api/probe", body: `{"input":"x","feed":"a","with":{"auth":{"type":"bearer","secret":"` + source.Mask + `"}},"mapping":{"title":"n"}}`})
	if got.With.Auth.Secret != "hunter2" {
		t.Errorf("%+v", got.With.Auth)
	}
	if got.Map == nil || got.Map("a", event.Raw{Data: []byte(`{"n":"here"}`)}).Title != "here" {
		t.Error("the mapping isn't that of the request")
	}
}

func TestAPreviewIsWhatTheMappingMakesOfASample(t *testing.T) {
	r := newRig(t)
	var got struct {
		Events []struct{ Type, Title, Value, SourceID string }
	}
	read := func(body string) []struct{ Type, Title, Value, SourceID string } {
		got.Events = nil
		resp := r.do(t, ask{private: true, method: "POST", path: "/api/mapping/preview", body: body})
		if resp.status != http.StatusOK {
			t.Fatalf("%d %s", resp.status, resp.body)
		}
		must(t, json.Unmarshal([]byte(strings.ReplaceAll(resp.body, `"value":12.50`, `"value":"12.50"`)), &got))
		return got.Events
	}
	const events = `"events":[{"type":"tick","id":"7","data":"{\"a\":\"other\",\"title\":\"guessed\",\"p\":{\"q\":12.50}}"}]}`
	if e := read(`{` + events); len(e) != 1 || e[0].Title != "guessed" || e[0].Type != "tick" || e[0].SourceID != "7" {
		t.Errorf("by guesses: %+v", e)
	}
	if e := read(`{"mapping":{"title":"a","value":"p.q"},` + events); len(e) != 1 || e[0].Title != "other" || e[0].Value != "12.50" {
		t.Errorf("by paths: %+v", e)
	}
	if got := r.do(t, ask{private: true, method: "POST", path: "/api/mapping/preview", body: `{"mapping":{"title":1}}`}); got.status != http.StatusBadRequest {
		t.Errorf("a path that is a number: %d", got.status)
	}
}
