package sse

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestRunFailsForGood(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		answer http.HandlerFunc
		want   error
	}{
		{"204", answer(204, "text/event-stream", ""), ErrNoContent},
		{"205", answer(205, "text/event-stream", ""), &StatusError{Code: 205, Status: "205 Reset Content"}},
		{"299", answer(299, "text/event-stream", "data:x\n\n"), &StatusError{Code: 299, Status: "299 status code 299", Body: "data:x"}},
		{"a redirect to nowhere", answer(302, "text/plain", "x"), &StatusError{Code: 302, Status: "302 Found", Body: "x"}},
		{"401", answer(401, "text/plain", "no\xFF"), &StatusError{Code: 401, Status: "401 Unauthorized", Body: "no\uFFFD"}},
		{"500", answer(500, "text/event-stream", "data:x\n\n"), &StatusError{Code: 500, Status: "500 Internal Server Error", Body: "data:x"}},
		{
			"503 with a long body", answer(503, "text/plain", strings.Repeat("é", 400)+"a"),
			&StatusError{Code: 503, Status: "503 Service Unavailable", Body: strings.Repeat("é", 256)},
		},
		{"HTML", answer(200, "text/html; charset=utf-8", "<p>data:\n\n"), &ContentTypeError{ContentType: "text/html; charset=utf-8", Body: "<p>data:"}},
		{"JSON", answer(200, "application/json", `{"data":1}`), &ContentTypeError{ContentType: "application/json", Body: `{"data":1}`}},
		{"no content type", answer(200, "", "data:x\n\n"), &ContentTypeError{Body: "data:x"}},
	}
	for _, tt := range tests {
		// Also when it was an event stream before.
		for before := range 2 {
			t.Run(fmt.Sprint(tt.name, " at attempt ", before+1), func(t *testing.T) {
				t.Parallel()
				s := &script{answers: []http.HandlerFunc{tt.answer, held("data:never\n\n")}}
				if before == 1 {
					s.answers = append([]http.HandlerFunc{stream("data:before\n\n")}, s.answers...)
				}
				url := serve(t, s)
				events, err := runAll(t, &Client{URL: url, Retry: soon})
				if s.count() != before+1 || len(events) != before || !Permanent(err) {
					t.Errorf("%d requests, %d events, permanent %v", s.count(), len(events), Permanent(err))
				}
				switch want := any(tt.want).(type) {
				case *StatusError:
					want.URL = url
					var got *StatusError
					if !errors.As(err, &got) {
						t.Fatalf("got %v", err)
					}
					got.Header = nil
					if diff := cmp.Diff(want, got); diff != "" {
						t.Error(diff)
					}
				case *ContentTypeError:
					want.URL = url
					if diff := cmp.Diff(err, error(want)); diff != "" {
						t.Error(diff)
					}
				default:
					if !identical(err, tt.want) {
						t.Errorf("got %v", err)
					}
				}
			})
		}
	}
}

func TestStatusErrorTellsWhenToComeBack(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 22, 8, 21, 23, 0, time.UTC)
	for value, want := range map[string]time.Duration{
		"":                              0,
		"120":                           2 * time.Minute,
		" 5 ":                           5 * time.Second,
		"-1":                            0,
		"1.5":                           0,
		"soon":                          0,
		"99999999":                      24 * time.Hour,
		"99999999999999999999":          0,
		"Sun, 22 Nov 2026 08:22:23 GMT": time.Minute,
		"Sun, 22 Nov 2026 08:00:00 GMT": 0,
		"Mon, 22 Nov 2027 08:00:00 GMT": 24 * time.Hour,
	} {
		if got := RetryAfter(value, now); got != want {
			t.Errorf("%q: got %v, want %v", value, got, want)
		}
	}
}

func TestClientRefusesARequestThatCannotBe(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]*Client{
		"no URL":       {},
		"no host":      {URL: "http:///x"},
		"scheme":       {URL: "ftp://127.0.0.1/"},
		"broken URL":   {URL: "http://127.0.0.1:port/?key=secret"},
		"method":       {URL: "http://127.0.0.1/", Method: "GE T"},
		"header name":  {URL: "http://127.0.0.1/", Header: http.Header{"a b": {"c"}}},
		"header value": {URL: "http://127.0.0.1/", Header: http.Header{"A": {"b\nc"}}},
	} {
		_, err := runAll(t, c)
		if _, ok := errors.AsType[*RequestError](err); !ok || strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: got %v", name, err)
		}
	}
}
