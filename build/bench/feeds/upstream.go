//go:build linux

package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"

	"tickertape/backend/mapping"
	"tickertape/backend/settings"
	"tickertape/backend/simulate"
	"tickertape/backend/source"
)

type feed = settings.Feed

// upstream is the outside world: one simulator at many addresses of this computer, since a program connects to one host
// once a second at most.
type upstream struct {
	*simulate.Server
	hosts []string
}

// simulated serves an event so often at addresses of the network 127.NET.0.0.
func simulated(rate float64, net, hosts int) (*upstream, error) {
	server, err := simulate.New(simulate.Config{Seed: 1, Rate: rate, Backlog: 40})
	if err != nil {
		return nil, err
	}
	up := &upstream{Server: server}
	for i := range hosts {
		url, err := server.Listen(fmt.Sprintf("127.%d.%d.1:0", net, i+1))
		if err != nil {
			return nil, errors.Join(err, server.Close())
		}
		up.hosts = append(up.hosts, strings.TrimSuffix(strings.TrimPrefix(url, "http://"), "/"))
	}
	return up, nil
}

// serveEvil serves what hostile feeds read, tells where, and ends with stdin.
func serveEvil() error {
	up, err := simulated(3, 2, 40)
	if err != nil {
		return err
	}
	defer up.Close()
	fmt.Println(strings.Join(up.hosts, " "))
	_, err = io.Copy(io.Discard, os.Stdin)
	return err
}

// besides starts serveEvil in a process of its own, and behind all others where
// they want the processor: hostile servers stand elsewhere, and their work is not
// to count as the program's.
func besides(ctx context.Context) (up *upstream, stop func(), err error) {
	self, err := os.Executable()
	if err != nil {
		return nil, nil, err
	}
	cmd := exec.CommandContext(ctx, "nice", "-n", "19", self, "-evil")
	cmd.Stderr = os.Stderr
	in, inErr := cmd.StdinPipe()
	out, outErr := cmd.StdoutPipe()
	if err := errors.Join(inErr, outErr, cmd.Start()); err != nil {
		return nil, nil, err
	}
	stop = func() {
		_ = in.Close()
		_ = cmd.Wait()
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		stop()
		return nil, nil, fmt.Errorf("the hostile servers don't start: %w", err)
	}
	return &upstream{hosts: strings.Fields(line)}, stop, nil
}

// at is a feed at one of the hosts.
func (up *upstream) at(i int, id, kind, path string) feed {
	scheme := "http://"
	if kind == source.KindWebSocket {
		scheme = "ws://"
	}
	return feed{Feed: source.Feed{ID: id, Name: id, Kind: kind, URL: scheme + up.hosts[i%len(up.hosts)] + path}}
}

// mixed are n feeds, of each kind about as many, as people would set them up.
func (up *upstream) mixed(n int) []feed {
	var feeds []feed
	for i := range n {
		id := fmt.Sprint("feed-", i+1)
		var f feed
		switch i % 8 {
		case 0, 1:
			f = up.at(i, id, source.KindSSE, "/sse/numbers")
		case 2:
			f = up.at(i, id, source.KindSSE, "/sse/wikimedia")
		case 3, 4:
			f = up.at(i, id, source.KindWebSocket, "/ws/jetstream?cursor={{cursor}}")
			f.Cursor.Path = "time_us"
		case 5:
			f = up.at(i, id, source.KindNDJSON, "/ndjson/lichess")
		case 6:
			f = up.at(i, id, source.KindRSS, "/rss")
			if i%16 == 6 {
				f = up.at(i, id, source.KindPoll, "/poll/usgs")
				f.Items, f.Mapping = "features", mapping.Mapping{ID: "id"}
			}
		case 7:
			f = up.at(i, id, source.KindLongPoll, "/longpoll")
			f.Items, f.Cursor = "events", source.Cursor{Path: "next", Param: "cursor"}
		}
		feeds = append(feeds, f)
	}
	return feeds
}

// healthyRate is in events a second.
const healthyRate = 50

func (up *upstream) healthy() []feed {
	return []feed{
		up.at(0, "healthy-sse", source.KindSSE, "/sse/numbers"),
		up.at(1, "healthy-websocket", source.KindWebSocket, "/ws/jetstream"),
	}
}

// hostile are feeds whose servers mean no good. A redirect to a private network isn't among them: on this computer all
// addresses are private.
func (up *upstream) hostile() []feed {
	paths := map[string]string{
		source.KindSSE: "/sse/numbers", source.KindWebSocket: "/ws/jetstream", source.KindNDJSON: "/ndjson/lichess",
		source.KindRSS: "/rss", source.KindPoll: "/poll/github", source.KindLongPoll: "/longpoll",
	}
	var feeds []feed
	for _, attack := range []struct{ fault, kinds string }{
		{"xml-bomb", "rss"},
		{"gzip-bomb", "sse ndjson rss poll longpoll"},
		{"endless-html", "sse ndjson rss poll longpoll"},
		{"endless-line", "sse ndjson rss poll longpoll"},
		{"big-event", "sse websocket ndjson"},
		{"redirect-loop", "sse websocket poll"},
		{"invalid-utf8", "sse websocket ndjson"},
		{"nul-id", "sse"},
		{"one-byte", "sse websocket ndjson poll"},
		{"silence", "sse websocket ndjson rss"},
	} {
		for kind := range strings.FieldsSeq(attack.kinds) {
			feeds = append(feeds, up.at(len(feeds), attack.fault+"-"+kind, kind, paths[kind]+"?fault="+attack.fault))
		}
	}
	return feeds
}
