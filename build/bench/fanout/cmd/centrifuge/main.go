// Command centrifuge serves the SSE transport of github.com/centrifugal/centrifuge with a write delay of 5 ms, which is
// the same coalescing as Tickertape's. A reader is subscribed as it connects, by the request
// GET /events?cf_connect={"id":1,"connect":{}}.
package main

import (
	"context"
	"log"
	"time"

	"github.com/centrifugal/centrifuge"

	"tickertape/build/bench/fanout/internal/peer"
)

const (
	channel    = "bench"
	writeDelay = 5 * time.Millisecond
)

func main() {
	node, err := centrifuge.New(centrifuge.Config{})
	if err != nil {
		log.Fatal(err)
	}
	node.OnConnecting(func(context.Context, centrifuge.ConnectEvent) (centrifuge.ConnectReply, error) {
		return centrifuge.ConnectReply{
			Credentials:   &centrifuge.Credentials{},
			Subscriptions: map[string]centrifuge.SubscribeOptions{channel: {}},
			WriteDelay:    writeDelay,
		}, nil
	})
	if err := node.Run(); err != nil {
		log.Fatal(err)
	}
	// A reader that only reads answers no pings.
	pings := centrifuge.PingPongConfig{PingInterval: -1, PongTimeout: -1}
	peer.Serve(centrifuge.NewSSEHandler(node, centrifuge.SSEConfig{PingPongConfig: pings}), func(line []byte) error {
		_, err := node.Publish(channel, line)
		return err
	})
}
