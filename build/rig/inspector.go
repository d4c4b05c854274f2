package rig

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"sync"

	"github.com/coder/websocket"
)

// inspector speaks WebKit's remote inspector protocol with one page, over the HTTP server that WebKitGTK opens when
// WEBKIT_INSPECTOR_HTTP_SERVER is set. Commands to the page travel wrapped in Target.sendMessageToTarget, its answers
// in Target.dispatchMessageFromTarget.
type inspector struct {
	conn *websocket.Conn
	done chan struct{} // closed when the reading goroutine has ended

	mu      sync.Mutex
	target  string        // the page's target id; changes when the page is replaced
	ready   chan struct{} // closed when target is known
	lastID  int
	waiting map[int]chan<- json.RawMessage
	heard   func(method string, params json.RawMessage) // what the page tells by itself; may be nil
	err     error                                       // why the connection ended
}

// targetPath finds the socket of the first page in the list that the inspector's server shows.
var targetPath = regexp.MustCompile(`/socket/\d+/\d+/WebPage`)

// attach connects to the page of the inspector server at address, as soon as there is one.
func attach(ctx context.Context, address string) (*inspector, error) {
	var path string
	err := Until(ctx, "a page in the inspector's list", func(ctx context.Context) (bool, error) {
		list, err := get(ctx, "http://"+address+"/")
		path = targetPath.FindString(list)
		return path != "", err
	})
	if err != nil {
		return nil, err
	}
	conn, _, err := websocket.Dial(ctx, "ws://"+address+path, nil)
	if err != nil {
		return nil, fmt.Errorf("attach to the page: %w", err)
	}
	conn.SetReadLimit(64 << 20) // a picture of a large window is some MiB of base64
	i := &inspector{conn: conn, done: make(chan struct{}), ready: make(chan struct{}), waiting: map[int]chan<- json.RawMessage{}}
	go i.read() // until close, longer than this call's context
	select {
	case <-i.ready:
		return i, nil
	case <-i.done:
		return nil, fmt.Errorf("attach to the page: %w", i.err)
	case <-ctx.Done():
		i.close()
		return nil, fmt.Errorf("attach to the page: no target: %w", ctx.Err())
	}
}

func get(ctx context.Context, url string) (string, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return "", err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return "", err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	return string(body), err
}

// read takes what the inspector sends until the connection ends, and hands answers to those who wait for them.
func (i *inspector) read() {
	defer close(i.done)
	for {
		_, data, err := i.conn.Read(context.Background())
		if err != nil {
			i.mu.Lock()
			i.err = err
			i.mu.Unlock()
			return
		}
		i.take(data)
	}
}

func (i *inspector) take(data []byte) {
	var m struct {
		Method string
		Params struct {
			TargetInfo  struct{ TargetID, Type string }
			NewTargetID string
			Message     string
		}
	}
	if json.Unmarshal(data, &m) != nil {
		return
	}
	switch m.Method {
	case "Target.targetCreated":
		if m.Params.TargetInfo.Type == "page" {
			i.setTarget(m.Params.TargetInfo.TargetID)
		}
	case "Target.didCommitProvisionalTarget":
		i.setTarget(m.Params.NewTargetID)
	case "Target.dispatchMessageFromTarget":
		i.answer([]byte(m.Params.Message))
	}
}

func (i *inspector) setTarget(id string) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.target == "" {
		close(i.ready)
	}
	i.target = id
}

func (i *inspector) answer(data []byte) {
	var m struct {
		ID     int
		Method string
		Params json.RawMessage
	}
	if json.Unmarshal(data, &m) != nil {
		return
	}
	i.mu.Lock()
	to, heard := i.waiting[m.ID], i.heard
	delete(i.waiting, m.ID)
	i.mu.Unlock()
	if m.ID == 0 && heard != nil {
		heard(m.Method, m.Params)
	}
	if to != nil {
		to <- data
	}
}

// call sends one command to the page and decodes its result.
func (i *inspector) call(ctx context.Context, method string, params, result any) error {
	answer := make(chan json.RawMessage, 1)
	i.mu.Lock()
	i.lastID++
	id, target := i.lastID, i.target
	i.waiting[id] = answer
	i.mu.Unlock()
	defer func() {
		i.mu.Lock()
		delete(i.waiting, id)
		i.mu.Unlock()
	}()
	inner, err := json.Marshal(map[string]any{"id": id, "method": method, "params": params})
	if err != nil {
		return fmt.Errorf("%s: %w", method, err)
	}
	outer, err := json.Marshal(map[string]any{
		"id": id, "method": "Target.sendMessageToTarget", "params": map[string]any{"targetId": target, "message": string(inner)},
	})
	if err != nil {
		return fmt.Errorf("%s: %w", method, err)
	}
	if err := i.conn.Write(ctx, websocket.MessageText, outer); err != nil {
		return fmt.Errorf("%s: %w", method, err)
	}
	select {
	case data := <-answer:
		var m struct {
			Result json.RawMessage
			Error  *struct{ Message string }
		}
		if err := json.Unmarshal(data, &m); err != nil {
			return fmt.Errorf("%s: %w", method, err)
		}
		if m.Error != nil {
			return fmt.Errorf("%s: %s", method, m.Error.Message)
		}
		return json.Unmarshal(m.Result, result)
	case <-i.done:
		return fmt.Errorf("%s: the page is gone: %w", method, i.err)
	case <-ctx.Done():
		return fmt.Errorf("%s: no answer: %w", method, ctx.Err())
	}
}

// evaluate runs an expression in the page and decodes its value; a thrown error is an error.
func (i *inspector) evaluate(ctx context.Context, js string, value any) error {
	var r struct {
		WasThrown bool
		Result    struct {
			Value       json.RawMessage
			Description string
		}
	}
	if err := i.call(ctx, "Runtime.evaluate", map[string]any{"expression": js, "returnByValue": true}, &r); err != nil {
		return err
	}
	if r.WasThrown {
		return errors.New("the page threw " + r.Result.Description)
	}
	if value == nil || len(r.Result.Value) == 0 {
		return nil
	}
	if err := json.Unmarshal(r.Result.Value, value); err != nil {
		return fmt.Errorf("the value of %s: %w", js, err)
	}
	return nil
}

func (i *inspector) close() {
	_ = i.conn.CloseNow()
	<-i.done
}
