// Command r3labs serves github.com/r3labs/sse/v2 as it is by default: it keeps every event for replay.
package main

import (
	"net/http"

	"github.com/r3labs/sse/v2"

	"tickertape/build/bench/fanout/internal/peer"
)

const stream = "bench"

func main() {
	server := sse.New()
	server.CreateStream(stream)
	read := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.URL.RawQuery = "stream=" + stream
		server.ServeHTTP(w, r)
	})
	peer.Serve(read, func(line []byte) error {
		server.Publish(stream, &sse.Event{Data: line})
		return nil
	})
}
