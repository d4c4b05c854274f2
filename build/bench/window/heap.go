//go:build linux

package main

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"time"

	"tickertape/build/rig"
)

// heap is what a page tells of its garbage collections, to be laid beside its stalls. How long they took it says only while
// a timeline is recorded, which slows the page down; so there is only when it told.
type heap struct {
	mu    sync.Mutex
	began time.Time
	told  []string
}

func (h *heap) listen(ctx context.Context, w *rig.Window) error {
	h.began = time.Now()
	return w.Listen(ctx, "Heap", h.heard)
}

func (h *heap) heard(method string, params json.RawMessage) {
	var of struct{ Collection struct{ Type string } }
	if method != "Heap.garbageCollected" || json.Unmarshal(params, &of) != nil {
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.told = append(h.told, fmt.Sprintf("%s at %.2f s", of.Collection.Type, time.Since(h.began).Seconds()))
}

func (h *heap) String() string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return "garbage collections: " + strings.Join(h.told, ", ")
}
