// Command go-sse serves github.com/tmaxmax/go-sse with its own provider (Joe) and a thousand events for replay.
package main

import (
	"log"
	"net/http"

	"github.com/tmaxmax/go-sse"

	"tickertape/build/bench/fanout/internal/peer"
)

func main() {
	replayer, err := sse.NewFiniteReplayer(1000, true)
	if err != nil {
		log.Fatal(err)
	}
	server := &sse.Server{
		Provider: &sse.Joe{Replayer: replayer},
		OnSession: func(w http.ResponseWriter, _ *http.Request) ([]string, bool) {
			// The library sends no header before the first event: the load generator waits for one.
			w.Header().Set("Content-Type", "text/event-stream")
			return []string{sse.DefaultTopic}, http.NewResponseController(w).Flush() == nil
		},
	}
	peer.Serve(server, func(line []byte) error {
		message := &sse.Message{}
		message.AppendData(string(line))
		return server.Publish(message)
	})
}
