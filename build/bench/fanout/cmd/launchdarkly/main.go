// Command launchdarkly serves github.com/launchdarkly/eventsource as it is by default: a reader that is 128 events
// behind is disconnected.
package main

import (
	"strconv"

	"github.com/launchdarkly/eventsource"

	"tickertape/build/bench/fanout/internal/peer"
)

const (
	channel = "bench"
	// kept is how many events can be replayed, the first ones: the library's repository never lets go of any.
	kept = 1000
	// firstID makes all ids equally long, since the repository sorts them as text.
	firstID = 1_000_000_000
)

type event struct{ id, data string }

func (e event) Id() string    { return e.id }
func (e event) Event() string { return "" }
func (e event) Data() string  { return e.data }

func main() {
	server := eventsource.NewServer()
	repository := eventsource.NewSliceRepository()
	server.Register(channel, repository)
	id := firstID
	// There is one publisher at a time.
	peer.Serve(server.Handler(channel), func(line []byte) error {
		id++
		e := event{id: strconv.Itoa(id), data: string(line)}
		if id <= firstID+kept {
			repository.Add(channel, e)
		}
		server.Publish([]string{channel}, e)
		return nil
	})
}
