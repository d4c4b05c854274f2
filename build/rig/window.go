//go:build linux

package rig

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"
)

// opTimeout bounds each single thing done with a window: a test that is stuck says with what.
const opTimeout = 30 * time.Second

// Window is a program with one window on a Screen, made of a WebKit page. The program must be built with the tag
// devtools, or nothing can look into it.
type Window struct {
	*Process
	screen *Screen
	page   *inspector
	id     string // of the X window
}

// OpenWindow starts the program on the screen, with the home folder, and waits until its page can be asked.
func (s *Screen) OpenWindow(ctx context.Context, home string, c Command) (*Window, error) {
	ctx, cancel := context.WithTimeout(ctx, opTimeout)
	defer cancel()
	port, err := FreePort()
	if err != nil {
		return nil, err
	}
	env, err := s.Env(home)
	if err != nil {
		return nil, err
	}
	address := fmt.Sprintf("127.0.0.1:%d", port)
	c.Env = append(append(env, "WEBKIT_INSPECTOR_HTTP_SERVER="+address), c.Env...)
	w := &Window{screen: s}
	if w.Process, err = Start(c); err != nil {
		return nil, err
	}
	if err := w.attach(ctx, address); err != nil {
		w.Kill()
		return nil, fmt.Errorf("open a window: %w: it printed: %s", err, tail(w.Stderr.String()))
	}
	return w, nil
}

// attach finds the page and the X window; it gives up when the program has ended.
func (w *Window) attach(ctx context.Context, address string) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	go func() {
		select {
		case <-w.Done():
			cancel(errors.New("the program ended"))
		case <-ctx.Done():
		}
	}()
	var err error
	if w.page, err = attach(ctx, address); err != nil {
		return errors.Join(err, context.Cause(ctx))
	}
	// WebKit lists the view before it has loaded anything.
	if err = w.WaitFor(ctx, "the page to load", "location.href !== 'about:blank' && document.readyState === 'complete'"); err != nil {
		return err
	}
	return Until(ctx, "the X window", func(ctx context.Context) (bool, error) {
		ids, err := w.screen.xdotool(ctx, "search", "--onlyvisible", "--pid", fmt.Sprint(w.PID()))
		w.id, _, _ = strings.Cut(ids, "\n")
		return w.id != "", err
	})
}

// Eval runs a JavaScript expression in the page and decodes its value, unless value is nil. Promises are not awaited.
func (w *Window) Eval(ctx context.Context, js string, value any) error {
	ctx, cancel := context.WithTimeout(ctx, opTimeout)
	defer cancel()
	return w.page.evaluate(ctx, js, value)
}

// Listen hands what the page tells in a domain of the inspector's protocol ("Heap") to heard, from then on, one message
// after the other.
func (w *Window) Listen(ctx context.Context, domain string, heard func(method string, params json.RawMessage)) error {
	w.page.mu.Lock()
	w.page.heard = heard
	w.page.mu.Unlock()
	return w.page.call(ctx, domain+".enable", struct{}{}, &struct{}{})
}

// WaitFor returns when the JavaScript condition holds in the page, or says what was waited for when ctx ends.
func (w *Window) WaitFor(ctx context.Context, what, js string) error {
	return Until(ctx, what, func(ctx context.Context) (bool, error) {
		var ok bool
		err := w.Eval(ctx, "Boolean("+js+")", &ok)
		return ok, err
	})
}

// Click presses the left mouse button in the middle of the element, with the real mouse, as soon as the element is
// there, stands still, is enabled and is what the mouse would hit.
func (w *Window) Click(ctx context.Context, selector string) error {
	return w.mouse(ctx, selector, "click", "1")
}

// Drag presses the left mouse button there, moves the mouse so many pixels down, and lets the button go.
func (w *Window) Drag(ctx context.Context, selector string, down int) error {
	return w.mouse(ctx, selector, "mousedown", "1", "mousemove_relative", "--sync", "--", "0", fmt.Sprint(down), "mouseup", "1")
}

// Wheel turns the mouse's wheel there by so many notches, away from the hand when they are negative.
func (w *Window) Wheel(ctx context.Context, selector string, notches int) error {
	button := "5"
	if notches < 0 {
		button, notches = "4", -notches
	}
	return w.mouse(ctx, selector, "click", "--repeat", fmt.Sprint(notches), "--delay", "20", button)
}

// mouse brings the mouse to the middle of the element, and does something with it.
func (w *Window) mouse(ctx context.Context, selector string, does ...string) error {
	ctx, cancel := context.WithTimeout(ctx, opTimeout)
	defer cancel()
	var at, before point
	err := Until(ctx, selector+" to be clickable", func(ctx context.Context) (bool, error) {
		before = at
		at = point{}
		if err := w.Eval(ctx, "("+hittable+")("+All(selector)+")", &at); err != nil {
			return false, err
		}
		return at.Hit && at == before, nil
	})
	if err != nil {
		return err
	}
	_, err = w.screen.xdotool(ctx, append([]string{"mousemove", "--window", w.id, fmt.Sprint(at.X), fmt.Sprint(at.Y)}, does...)...)
	return err
}

type point struct {
	X, Y int
	Hit  bool
}

// hittable scrolls the element into view and says where its middle is and whether the mouse would hit it there.
const hittable = `([element]) => {
	if (!element || element.disabled) return { X: 0, Y: 0, Hit: false };
	element.scrollIntoView({ block: 'nearest', inline: 'nearest', behavior: 'instant' });
	const box = element.getBoundingClientRect();
	let X = Math.round(box.x + box.width / 2), Y = Math.round(box.y + box.height / 2);
	let there = element.ownerDocument.elementFromPoint(X, Y), hit = there !== null && element.contains(there);
	const frame = element.ownerDocument.defaultView.frameElement;
	if (frame) {
		const around = frame.getBoundingClientRect();
		X += Math.round(around.x);
		Y += Math.round(around.y);
		hit &&= document.elementFromPoint(X, Y) === frame;
	}
	return { X, Y, Hit: hit };
}`

// All is JavaScript for the array of the elements that a selector finds in the page and in its frames: the tape's rows
// have a document of their own.
func All(selector string) string {
	return fmt.Sprintf("[document, ...[...document.querySelectorAll('iframe')].map((f) => f.contentDocument)]"+
		".flatMap((d) => [...(d?.querySelectorAll(%s) ?? [])])", quote(selector))
}

// Type types the text with the real keyboard, into whatever has the focus.
func (w *Window) Type(ctx context.Context, text string) error {
	return w.keyboard(ctx, "type", "--delay", "12", "--", text)
}

// Press presses a key or a chord with the real keyboard, named as xdotool does: "Escape", "ctrl+a".
func (w *Window) Press(ctx context.Context, key string) error {
	return w.keyboard(ctx, "key", "--", key)
}

// keyboard gives the window the keyboard, as there is no window manager that would, and does something with it.
func (w *Window) keyboard(ctx context.Context, does ...string) error {
	_, err := w.screen.xdotool(ctx, append([]string{"windowfocus", "--sync", w.id}, does...)...)
	return err
}

// visible are the program's windows.
func (w *Window) visible(ctx context.Context) ([]string, error) {
	ids, err := w.screen.xdotool(ctx, "search", "--onlyvisible", "--pid", fmt.Sprint(w.PID()))
	return strings.Fields(ids), err
}

// dialogue waits for the system's own dialogue for files.
func (w *Window) dialogue(ctx context.Context) (id string, err error) {
	err = Until(ctx, "the dialogue for files", func(ctx context.Context) (bool, error) {
		ids, err := w.visible(ctx)
		for _, other := range ids {
			if other != w.id {
				id = other
			}
		}
		return id != "", err
	})
	return id, err
}

// Asked returns when the system's own dialogue for files is there.
func (w *Window) Asked(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, opTimeout)
	defer cancel()
	_, err := w.dialogue(ctx)
	return err
}

// Choose types a path into the system's own dialogue for files, as soon as that is there, and confirms; it returns when
// the dialogue has gone.
func (w *Window) Choose(ctx context.Context, path string) error {
	ctx, cancel := context.WithTimeout(ctx, opTimeout)
	defer cancel()
	dialogue, err := w.dialogue(ctx)
	if err != nil {
		return err
	}
	// Of a name that is proposed only the part before the dot is selected. Typing a slash asks for a path where there is
	// no field for a name.
	if _, err := w.screen.xdotool(ctx, "windowfocus", "--sync", dialogue,
		"key", "ctrl+a", "type", "--args", "1", path[:1], "sleep", "0.5", "type", "--delay", "12", "--", path[1:]); err != nil {
		return err
	}
	return Until(ctx, "the dialogue for files to go", func(ctx context.Context) (bool, error) {
		ids, err := w.visible(ctx) // what completes the path is a window, too
		if err != nil || !slices.Contains(ids, dialogue) {
			return err == nil, err
		}
		_, err = w.screen.xdotool(ctx, "key", "--window", dialogue, "Return")
		return false, err
	})
}

// Fill clicks into a text field and types over what is in it; it returns when the field holds the text.
func (w *Window) Fill(ctx context.Context, selector, text string) error {
	ctx, cancel := context.WithTimeout(ctx, opTimeout)
	defer cancel()
	if err := w.Click(ctx, selector); err != nil {
		return err
	}
	if err := w.WaitFor(ctx, selector+" to have the focus", "document.activeElement === document.querySelector("+quote(selector)+")"); err != nil {
		return err
	}
	if err := w.keyboard(ctx, "key", "ctrl+a", "type", "--delay", "12", "--", text); err != nil {
		return err
	}
	return w.WaitFor(ctx, fmt.Sprintf("%s to hold %q", selector, text), "document.querySelector("+quote(selector)+").value === "+quote(text))
}

// Resize makes the window that large, in pixels, and returns when the page is.
func (w *Window) Resize(ctx context.Context, width, height int) error {
	ctx, cancel := context.WithTimeout(ctx, opTimeout)
	defer cancel()
	if _, err := w.screen.xdotool(ctx, "windowsize", w.id, fmt.Sprint(width), fmt.Sprint(height)); err != nil {
		return err
	}
	return w.WaitFor(ctx, "the new size", fmt.Sprintf("innerWidth === %d && innerHeight === %d", width, height))
}

// Hide takes the window from the screen, as minimising it does, or puts it back; it returns when the page knows.
func (w *Window) Hide(ctx context.Context, hidden bool) error {
	ctx, cancel := context.WithTimeout(ctx, opTimeout)
	defer cancel()
	does, state := "windowmap", "visible"
	if hidden {
		does, state = "windowunmap", "hidden"
	}
	if _, err := w.screen.xdotool(ctx, does, w.id); err != nil {
		return err
	}
	return w.WaitFor(ctx, "the page to be "+state, "document.visibilityState === "+quote(state))
}

// Picture saves what the page shows as a PNG.
func (w *Window) Picture(ctx context.Context, path string) error {
	ctx, cancel := context.WithTimeout(ctx, opTimeout)
	defer cancel()
	var size struct{ Width, Height int }
	if err := w.Eval(ctx, "({ Width: innerWidth, Height: innerHeight })", &size); err != nil {
		return err
	}
	var r struct{ DataURL string }
	params := map[string]any{"x": 0, "y": 0, "width": size.Width, "height": size.Height, "coordinateSystem": "Viewport"}
	if err := w.page.call(ctx, "Page.snapshotRect", params, &r); err != nil {
		return err
	}
	_, data, _ := strings.Cut(r.DataURL, "base64,")
	picture, err := base64.StdEncoding.DecodeString(data)
	if err != nil {
		return fmt.Errorf("decode the picture: %w", err)
	}
	return os.WriteFile(path, picture, 0o644)
}

// Stop asks the program to end as a session that closes does, and returns how it ended.
func (w *Window) Stop() error {
	w.page.close()
	return w.Process.Stop()
}

// Kill ends the program at once.
func (w *Window) Kill() {
	if w.page != nil {
		w.page.close()
	}
	w.Process.Kill()
}

// quote writes a string as JavaScript.
func quote(s string) string {
	b, _ := json.Marshal(s) // a string can always be marshalled
	return string(b)
}
