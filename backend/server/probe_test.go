package server

import (
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

	"tickertape/backend/source"
)

func TestAProbeIsAnsweredWithItsResult(t *testing.T) {
	r := newRig(t)
	r.cfg.Probe = func(_ context.Context, input string) *source.ProbeResult {
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
		s := &Server{cfg: Config{Log: slog.New(slog.DiscardHandler), Probe: func(context.Context, string) *source.ProbeResult {
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
	r.cfg.Probe = func(ctx context.Context, _ string) *source.ProbeResult {
		<-ctx.Done()
		ended <- ctx.Err()
		return &source.ProbeResult{}
	}
	ctx, cancel := context.WithCancel(t.Context())
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, r.private.URL+"/api/probe", strings.NewReader(`{"input":"x"}`))
	must(t, err)
	req.Header.Set(KeyHeader, r.private.Key)
	time.AfterFunc(10*time.Millisecond, cancel)
	if resp, err := r.client.Do(req); err == nil {
		resp.Body.Close()
		t.Error("an answer to nobody")
	}
	if err := <-ended; err == nil {
		t.Error("it wasn't cancelled")
	}
}
