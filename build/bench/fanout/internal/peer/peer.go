// Package peer is what the small programs around the measured libraries share: the listener, and one way for events to
// come in, which is also Tickertape's: a streamed request with a JSON value a line.
package peer

import (
	"bufio"
	"bytes"
	"fmt"
	"log"
	"net"
	"net/http"
	"os"
)

// maxEvent bounds a line, in bytes.
const maxEvent = 1 << 20

// Serve serves read at GET /events, and hands each line that is posted to /publish to publish, which may keep it. It
// listens on loopback alone, says where on stdout, and doesn't return.
func Serve(read http.Handler, publish func(line []byte) error) {
	mux := http.NewServeMux()
	mux.Handle("GET /events", read)
	mux.HandleFunc("POST /publish", func(w http.ResponseWriter, r *http.Request) {
		count, err := lines(r, publish)
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		w.WriteHeader(http.StatusAccepted)
		fmt.Fprintf(w, "{\"count\":%d}\n", count)
	})
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Fprintf(os.Stdout, "listening on http://%s/\n", listener.Addr())
	log.Fatal((&http.Server{Handler: mux}).Serve(listener))
}

func lines(r *http.Request, publish func([]byte) error) (count int, err error) {
	scanner := bufio.NewScanner(r.Body)
	scanner.Buffer(make([]byte, 64<<10), maxEvent)
	for scanner.Scan() {
		if err := publish(bytes.Clone(scanner.Bytes())); err != nil {
			return count, err
		}
		count++
	}
	return count, scanner.Err()
}
