package simulate

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/coder/websocket"
)

const (
	// patience is how long a client may take to subscribe or to show who it is.
	patience = 5 * time.Second
	// pingTime is between pings, pongTime is how long a client may take to answer one.
	pingTime = 20 * time.Second
	pongTime = time.Minute
)

var errPlanned = errors.New("planned close")

// dialogue is the server's side of what is spoken over one kind of WebSocket.
type dialogue interface {
	// greet is what the server says before it is asked.
	greet() [][]byte
	// hear takes a message of the client and returns what to answer. An error closes the
	// connection as a breach of the rules, after the answers.
	hear(message []byte) (answers [][]byte, err error)
	// ready says whether the client may have events by now.
	ready() bool
	// event is event n as a message; nil if this client doesn't get it.
	event(n uint64) []byte
	// idle is said when nothing has happened for a while, nil for nothing.
	idle() []byte
	// farewell is said before a planned close, nil for nothing.
	farewell() []byte
}

// socket is one connection.
type socket struct {
	s    *Server
	x    *exchange
	conn *websocket.Conn
	d    dialogue

	heard  chan []byte // closed when the client is gone
	from   uint64      // the next event
	joined bool        // from is set
}

// converse upgrades the connection and speaks until either side ends it. The events begin at
// from, or, if the dialogue isn't ready from the start, with the next one once it is.
func (s *Server) converse(x *exchange, d dialogue, from uint64) {
	conn, err := websocket.Accept(x, x.r, &websocket.AcceptOptions{InsecureSkipVerify: true})
	if err != nil {
		return // Accept has answered
	}
	k := socket{s: s, x: x, conn: conn, d: d, heard: make(chan []byte), from: from, joined: d.ready()}
	// Not the request's context: when that ends, the helpers must still hear out the farewell.
	ctx, cancel := context.WithCancel(context.WithoutCancel(x.r.Context()))
	var helpers sync.WaitGroup
	defer helpers.Wait()
	defer conn.CloseNow()
	defer cancel()
	helpers.Go(func() { k.listen(ctx) })
	if x.fault.Name != "silence" {
		helpers.Go(func() { k.ping(ctx) })
	}
	if k.say(x.r.Context(), d.greet()...) == nil {
		k.run(x.r.Context())
	}
}

// listen reads what the client says. Something must always read: pongs come with it.
func (k *socket) listen(ctx context.Context) {
	defer close(k.heard)
	for {
		_, message, err := k.conn.Read(ctx)
		if err != nil {
			return
		}
		select {
		case k.heard <- message:
		case <-ctx.Done():
			return
		}
	}
}

// ping cuts off a client that doesn't answer pings.
func (k *socket) ping(ctx context.Context) {
	ticker := time.NewTicker(pingTime)
	defer ticker.Stop()
	for {
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return
		}
		pong, cancel := context.WithTimeout(ctx, pongTime)
		err := k.conn.Ping(pong)
		cancel()
		if err != nil {
			_ = k.conn.CloseNow() // the reader sees it and ends the rest
			return
		}
	}
}

// run is the conversation: what the client says, and what happens.
func (k *socket) run(ctx context.Context) {
	timer := time.NewTimer(0)
	defer timer.Stop()
	end := time.NewTimer(k.x.fault.wait(24 * time.Hour))
	defer end.Stop()
	begun, spoke := time.Now(), time.Now()
	for {
		head, stepped, due := k.s.tape.look()
		n, err := k.catchUp(ctx, head)
		if err != nil {
			return
		}
		if n > 0 {
			spoke = time.Now()
		}
		if !k.d.ready() {
			due = min(due, patience-time.Since(begun))
		}
		timer.Reset(max(min(due, keepAlive-time.Since(spoke)), 0))
		select {
		case <-stepped:
		case <-timer.C:
		case message, ok := <-k.heard:
			if !ok || k.reply(ctx, message) != nil {
				return
			}
		case <-end.C:
			if k.x.fault.Name == "cut-24h" {
				k.close(websocket.StatusGoingAway, "24 hours are over")
				return
			}
		case <-ctx.Done():
			k.close(websocket.StatusGoingAway, "the simulator is closing")
			return
		}
		switch {
		case !k.d.ready() && time.Since(begun) >= patience:
			k.close(websocket.StatusPolicyViolation, "nothing was subscribed to in time")
			return
		case time.Since(spoke) >= keepAlive:
			spoke = time.Now()
			if k.say(ctx, k.d.idle()) != nil {
				return
			}
		}
	}
}

// catchUp sends the events below head, if the client may have them, and returns how many.
func (k *socket) catchUp(ctx context.Context, head uint64) (sent int, err error) {
	if k.x.fault.Name == "silence" || !k.joined {
		return 0, nil
	}
	for ; k.from < head; k.from++ {
		message := k.d.event(k.from)
		if message == nil {
			continue
		}
		for range k.x.copies(k.from) {
			k.x.begin()
			if err := k.say(ctx, k.x.payload(k.from, message)); err != nil {
				return sent, err
			}
		}
		sent++
		if k.x.isOver() {
			_ = k.say(ctx, k.d.farewell()) // it is over anyway
			code := []websocket.StatusCode{websocket.StatusGoingAway, websocket.StatusServiceRestart}[k.x.fault.Seed%2]
			k.close(code, "planned close")
			return sent, errPlanned
		}
	}
	return sent, nil
}

func (k *socket) reply(ctx context.Context, message []byte) error {
	if k.x.fault.Name == "silence" {
		return nil
	}
	answers, refused := k.d.hear(message)
	// Before the answer: who has it must get whatever happens from then on.
	if !k.joined && k.d.ready() {
		k.joined, k.from = true, k.s.tape.head()
	}
	err := k.say(ctx, answers...)
	if err == nil && refused != nil {
		k.close(websocket.StatusPolicyViolation, refused.Error())
		err = refused
	}
	return err
}

func (k *socket) say(ctx context.Context, messages ...[]byte) error {
	for _, m := range messages {
		if m == nil || k.x.fault.Name == "silence" {
			continue
		}
		if err := k.conn.Write(ctx, websocket.MessageText, m); err != nil {
			return err
		}
	}
	return nil
}

// close says goodbye. Whether the client answers is its own business.
func (k *socket) close(code websocket.StatusCode, reason string) { _ = k.conn.Close(code, reason) }
