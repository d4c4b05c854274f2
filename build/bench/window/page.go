//go:build linux

package main

import (
	"context"
	"fmt"
	"time"

	"tickertape/build/rig"
)

// watching counts frames and finds the longest stall: how late the main thread answers a timer or draws a frame.
const watching = `(() => {
	const bench = (window.bench ??= {});
	Object.assign(bench, { frames: 0, stall: 0, frameGap: 0, latencies: [], stalls: [], on: true, began: performance.now() });
	const run = (bench.run = {});
	let frame = performance.now(), tick = frame;
	const draw = (now) => {
		if (!bench.on || bench.run !== run) return;
		bench.frameGap = Math.max(bench.frameGap, performance.now() - frame);
		frame = performance.now();
		bench.frames++;
		bench.each?.(bench);
		requestAnimationFrame(draw);
	};
	const beat = () => {
		if (!bench.on || bench.run !== run) return;
		const gap = performance.now() - tick;
		tick = performance.now();
		bench.stall = Math.max(bench.stall, gap);
		if (gap > 100) bench.stalls.push([Math.round(tick - bench.began), Math.round(gap)]);
		setTimeout(beat, 4);
	};
	requestAnimationFrame(draw);
	setTimeout(beat, 4);
})()`

// list is the tape, and scroller what scrolls it: the list, or the document that it has for itself.
var (
	list     = "(" + rig.All(`[role="listbox"]`) + ")[0]"
	scroller = `((list) => (list.ownerDocument === document ? list : list.ownerDocument.documentElement))(` + list + `)`
)

// loadAll scrolls to the top again and again, until all is loaded.
func loadAll(n int) string {
	return fmt.Sprintf(`(() => {
		window.bench = { loaded: 0 };
		const go = () => {
			const list = %s;
			bench.loaded = Number(document.querySelector('[data-testid="paper"]')?.dataset.count ?? 0);
			if (bench.loaded >= %d) return;
			list.scrollTop = list.scrollTop === 0 ? 1 : 0;
			setTimeout(go, 10);
		};
		go();
	})()`, scroller, n)
}

// scrolling rolls through the tape by so many pixels a frame, up and down. 100 are 2 rows or 6,000 pixels a second, as a
// wheel is turned fast; 400 are half a view, which nobody can read.
func scrolling(by int) string {
	return fmt.Sprintf(`bench.each = () => {
		const list = %s;
		bench.by ??= %[2]d;
		if (list.scrollTop <= 0) bench.by = %[2]d;
		if (list.scrollTop >= list.scrollHeight / 2) bench.by = -%[2]d;
		list.scrollTop += bench.by;
	}`, scroller, by)
}

// paging presses a page key each twelfth frame.
var paging = `bench.each = (b) => {
	if (b.frames % 12) return;
	const key = b.frames % 480 < 240 ? 'PageDown' : 'PageUp';
	` + list + `.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true }));
}`

// jumping drags the thumb of the scrollbar elsewhere each half second.
var jumping = `bench.each = (b) => {
	if (b.frames % 30) return;
	const list = ` + scroller + `;
	list.scrollTop = ((b.frames * 7919) % 1000) / 1000 * list.scrollHeight;
}`

// latencies notes how old the newest row is whenever another one is drawn: from its receipt, which is before its commit.
var latencies = `bench.each = (b) => {
	const rows = ` + rig.All(`[data-testid="tape-row"][data-feed="flood"]`) + `;
	const last = rows.reduce((newest, row) => (Number(row.dataset.seq) > Number(newest.dataset.seq) ? row : newest), rows[0]);
	if (!last || last.dataset.seq === b.newest) return;
	b.newest = last.dataset.seq;
	b.latencies.push(Date.now() - Date.parse(last.querySelector('time').dateTime));
}`

var settling = latencies

// result is what was seen of a window over a while.
type result struct {
	name          string
	fps           float64
	stall         float64 // ms
	p50, p95      float64 // ms; 0 when not measured
	web, network  int     // KiB resident
	networkGrowth int
	cpu           float64 // of one core, by the web process
	counted       string
	stalls        [][2]float64 // ms: when those above 100 ended, after the start, and how long they were
}

// start runs JavaScript for its effect.
func start(ctx context.Context, w *rig.Window, js string) error {
	return w.Eval(ctx, "void ("+js+")", nil)
}

// watch looks at the window for a while, in which the page does what js says for each frame.
func watch(ctx context.Context, w *rig.Window, name string, d time.Duration, js string) (result, error) {
	return during(ctx, w, name, js, func() error { return pause(ctx, d) })
}

func pause(ctx context.Context, d time.Duration) error {
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// during looks at the window while something is done to it.
func during(ctx context.Context, w *rig.Window, name, js string, act func() error) (result, error) {
	r := result{name: name}
	before, err := webkit(w.PID())
	if err != nil {
		return r, err
	}
	if err := start(ctx, w, "window.bench = { each: undefined }"); err != nil {
		return r, err
	}
	if js != "" {
		if err := start(ctx, w, js); err != nil {
			return r, err
		}
	}
	if err := start(ctx, w, watching); err != nil {
		return r, err
	}
	if err := act(); err != nil {
		return r, err
	}
	var seen struct {
		Frames, Stall, Time float64
		Latencies           []float64
		Stalls              [][2]float64
	}
	err = w.Eval(ctx, `(bench.on = false, { Frames: bench.frames, Stall: Math.max(bench.stall, bench.frameGap), Time: performance.now() - bench.began, Latencies: bench.latencies, Stalls: bench.stalls })`, &seen)
	if err != nil {
		return r, err
	}
	r.fps, r.stall, r.stalls = seen.Frames/seen.Time*1000, seen.Stall, seen.Stalls
	r.p50, r.p95 = percentile(seen.Latencies, 0.5), percentile(seen.Latencies, 0.95)
	after, err := webkit(w.PID())
	r.web, r.network, r.networkGrowth = after.web, after.network, after.network-before.network
	r.cpu = (after.webCPU - before.webCPU) / (seen.Time / 1000)
	return r, err
}

// end is the place after the tape's last row, with what is counted beyond it.
func end(ctx context.Context, w *rig.Window) (n int, err error) {
	err = w.Eval(ctx, `Number(document.querySelector('[data-testid="paper"]').dataset.end)`, &n)
	return n, err
}

// counted waits until the tape has as many rows more as events were sent, but for those of the clock.
func counted(ctx context.Context, w *rig.Window, before, sent int) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	var more int
	err := rig.Until(ctx, fmt.Sprintf("%d events more", sent), func(ctx context.Context) (bool, error) {
		now, err := end(ctx, w)
		more = now - before
		return more >= sent, err
	})
	return fmt.Sprintf("%d of %d", more, sent), err
}
