package sse

import "testing"

func TestContentTypeIsReadAsTheStandardsSay(t *testing.T) {
	yes := [][]string{
		{"text/event-stream"},
		{"text/event-stream;"},
		{"text/event-stream;charset=utf-8"},
		{"text/event-stream;charset=windows-1252"},
		{" \tTEXT/Event-Stream ; x=\"a,b/c\" "},
		{"text/event-stream; x=\"a\\\",b/c\""},
		{"text/event-stream;;;="},
		{"text/event-stream, */*"},
		{"text/event-stream, nonsense"},
		{"text/html", "text/event-stream"},
	}
	no := [][]string{
		nil,
		{""},
		{"text/event-streaming"},
		{"text/event-stream x"},
		{"x text/event-stream"},
		{"text /event-stream"},
		{"event-stream"},
		{"text/"},
		{"*/*"},
		{"text/html; x=text/event-stream"},
		{"text/event-stream", "text/html"},
		{"text/html; x=\",text/event-stream\""},
	}
	for _, values := range yes {
		if !isEventStream(values) {
			t.Errorf("%q is an event stream", values)
		}
	}
	for _, values := range no {
		if isEventStream(values) {
			t.Errorf("%q is no event stream", values)
		}
	}
}
