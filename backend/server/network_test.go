package server

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"tickertape/backend/source"
)

func TestTheNetworkIsChangedFromTheWindow(t *testing.T) {
	r := build{window: true, feeds: clockFeed}.run(t)
	put := func(body string) (network source.Network) {
		var v struct{ Network source.Network }
		r.get(t, ask{private: true, method: http.MethodPut, path: "/api/settings/network", body: body}, &v)
		return v.Network
	}
	want := source.DefaultNetwork()
	want.Proxy, want.Bypass = "http://me:"+source.Mask+"@127.0.0.1:3128", "home.example"
	diff(t, "a proxy", want, put(`{"proxy":"http://me:hunter2@127.0.0.1:3128","bypass":"home.example"}`))
	want.AnswerTimeout = source.Duration(90e9)
	diff(t, "the mask again", want, put(`{"proxy":"http://me:`+source.Mask+`@127.0.0.1:3128","answerTimeout":" 90s "}`))
	if kept, _ := r.cfg.Settings.Current(); kept.Network.Proxy != "http://me:hunter2@127.0.0.1:3128" {
		t.Errorf("kept as %s", kept.Network.Proxy)
	}
	for body, said := range map[string]string{
		`{"proxy":"127.0.0.1:3128"}`:                                  "written like http://host:8080",
		`{"proxy":"http://me:` + source.Mask + `@evil.example:3128"}`: "password of the proxy again",
		`{"connectTimeout":5}`:                                        "written like 30s",
		`{"connectTimeout":"1h"}`:                                     "between 1 second and 10 minutes",
		`{"ipv6":"maybe"}`:                                            "auto, never or only",
		`{"ca":"ca.pem"}`:                                             "whole path",
	} {
		got := r.do(t, ask{private: true, method: http.MethodPut, path: "/api/settings/network", body: body})
		if got.status != http.StatusUnprocessableEntity || !strings.Contains(got.body, said) || strings.Contains(got.body, "hunter2") {
			t.Errorf("%s: %d %s", body, got.status, got.body)
		}
	}
	if got := r.do(t, ask{private: true, method: http.MethodPost, path: "/api/feeds", body: `{"url":"http://127.0.0.1:1/","answerTimeout":"x"}`}); !strings.Contains(got.body, "written like 30s") {
		t.Errorf("a feed: %s", got.body)
	}
}

func TestTheCertificateOfAFeedIsShownInTheWindow(t *testing.T) {
	upstream := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusGone) }))
	defer upstream.Close()
	r := build{window: true, feeds: `{"id":"x","name":"X","kind":"sse","insecure":true,"url":"` + upstream.URL + `"}`}.run(t)
	for {
		changed := r.cfg.Feeds.Changed()
		if r.cfg.Feeds.Health()[0].State == source.Ended {
			break
		}
		<-changed
	}
	var log struct{ Certificate *source.Certificate }
	r.get(t, ask{private: true, path: "/api/feeds/x/log"}, &log)
	if log.Certificate == nil || !strings.Contains(log.Certificate.Problem, "doesn't know") || log.Certificate.Host != "127.0.0.1" {
		t.Errorf("%+v", log.Certificate)
	}
}
