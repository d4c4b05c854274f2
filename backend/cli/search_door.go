package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"tickertape/backend/event"
	"tickertape/backend/sse"
)

// ask searches through a front door, which shows what is shared.
func (s *searcher) ask(ctx context.Context) (err error) {
	var release func()
	if s.http, release, err = s.trust.client(); err != nil {
		return err
	}
	defer release()
	params := url.Values{"feed": s.feeds}
	if strings.TrimSpace(s.query) != "" {
		params.Set("q", s.query)
	}
	if s.follow {
		return s.stream(ctx, params)
	}
	var found []event.Event
	for before := ""; len(found) < s.limit; {
		params.Set("limit", strconv.Itoa(s.limit-len(found)))
		if before != "" {
			params.Set("before", before)
		}
		page, next, err := s.page(ctx, params)
		if err != nil {
			return err
		}
		found = append(found, page...)
		if before = next; next == "" {
			break
		}
	}
	slices.Reverse(found)
	return s.print(found)
}

// target is the URL of a path at the front door.
func (s *searcher) target(path string, params url.Values) (string, error) {
	target, err := url.Parse(s.url)
	if err != nil || target.Host == "" {
		return "", fmt.Errorf("--url %s is not a URL: write it like http://127.0.0.1:5000/", s.url)
	}
	target = target.JoinPath(path)
	target.RawQuery = params.Encode()
	return target.String(), nil
}

func (s *searcher) header() http.Header {
	header := http.Header{"User-Agent": {"Tickertape/" + Version}}
	if s.token != "" {
		header.Set("Authorization", "Bearer "+s.token)
	}
	return header
}

// page asks for a page, the newest event first; next is what to ask for before.
func (s *searcher) page(ctx context.Context, params url.Values) (events []event.Event, next string, err error) {
	target, err := s.target("events", params)
	if err != nil {
		return nil, "", err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, target, http.NoBody)
	if err != nil {
		return nil, "", err
	}
	request.Header = s.header()
	response, err := s.http.Do(request)
	if err != nil {
		return nil, "", errors.New(explain(s.url, err))
	}
	defer response.Body.Close()
	var answer struct {
		Events []json.RawMessage `json:"events"`
		Next   string            `json:"next"`
		Detail string            `json:"detail"` // of a problem
	}
	const maxAnswer = 256 << 20
	err = json.NewDecoder(io.LimitReader(response.Body, maxAnswer)).Decode(&answer)
	switch {
	case response.StatusCode != http.StatusOK && answer.Detail != "":
		return nil, "", errors.New(answer.Detail)
	case err != nil || response.StatusCode != http.StatusOK:
		return nil, "", fmt.Errorf("%s answered %s: is this the front door of a Tickertape?", s.url, response.Status)
	}
	events, err = parseEvents(answer.Events)
	return events, answer.Next, err
}

func parseEvents(encoded []json.RawMessage) ([]event.Event, error) {
	events := make([]event.Event, len(encoded))
	for i := range encoded {
		var err error
		if events[i], err = event.ParseJSON(encoded[i]); err != nil {
			return nil, fmt.Errorf("an event of the answer is not understood: %w", err)
		}
	}
	return events, nil
}

// stream prints the newest events and those that come, until ctx ends. It
// reconnects, and resumes, as EventSource does.
func (s *searcher) stream(ctx context.Context, params url.Values) error {
	params.Set("format", "json")
	params.Set("last", strconv.Itoa(s.limit))
	target, err := s.target("event_stream", params)
	if err != nil {
		return err
	}
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	opened := false
	client := sse.Client{URL: target, Header: s.header(), HTTP: s.http}
	client.OnOpen = func(*http.Response) { opened = true }
	client.OnRetry = func(err error, _ time.Duration) {
		if reason := explain(s.url, err); opened {
			fmt.Fprintln(s.err, reason)
		} else {
			stop(errors.New(reason))
		}
	}
	err = client.Run(ctx, s.streamed)
	if cause := context.Cause(ctx); cause != nil {
		return cause
	}
	return errors.New(explain(s.url, err))
}

// streamed prints an event of a stream.
func (s *searcher) streamed(frame sse.Event) error {
	if frame.Type == "gap" {
		fmt.Fprintln(s.err, "events are missing here:", frame.Data)
		return nil
	}
	events, err := parseEvents([]json.RawMessage{json.RawMessage(frame.Data)})
	if err != nil {
		return err
	}
	return s.print(events)
}
