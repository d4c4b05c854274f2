package main

import (
	"context"
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"os/signal"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/wailsapp/wails/v2"
	"github.com/wailsapp/wails/v2/pkg/options"
	"github.com/wailsapp/wails/v2/pkg/options/assetserver"
	"github.com/wailsapp/wails/v2/pkg/options/linux"
	"github.com/wailsapp/wails/v2/pkg/runtime"

	"tickertape/backend/cli"
	"tickertape/backend/engine"
	"tickertape/backend/server"
	"tickertape/frontend"
)

// icon is small: GTK decodes it before the window opens, which takes 45 ms and
// ten megabytes for the large one.
//
//go:embed build/linux/icon.png
var icon []byte

// App is the bridge between the window and the engine. Its exported methods are
// bound to JavaScript; they do only what a page can't do over HTTP.
type App struct {
	log *slog.Logger

	opened  chan struct{} // closed when private or openErr is set
	private server.Private
	openErr error

	running atomic.Pointer[engine.Engine]

	ctx   context.Context // Wails' own, for its runtime calls; set at its start
	ready sync.Once
}

// Door is where the page finds its server.
type Door struct {
	URL     string `json:"url"`
	Key     string `json:"key"`
	Version string `json:"version"`
}

// Door waits until the engine is up and says where it is.
func (a *App) Door() (Door, error) {
	<-a.opened
	if a.openErr != nil {
		return Door{}, errors.New(openProblem(a.openErr))
	}
	return Door{URL: a.private.URL, Key: a.private.Key, Version: cli.Version}, nil
}

// OpenLink opens a web page in the system's browser.
func (a *App) OpenLink(link string) error {
	u, err := url.Parse(link)
	if err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") {
		return errors.New("only links to web pages (http or https) can be opened")
	}
	runtime.BrowserOpenURL(a.ctx, u.String())
	return nil
}

// ChosenFile is a file to write to; its ticket names it to the server. Without
// one the person has chosen none.
type ChosenFile struct {
	Path   string `json:"path"`
	Ticket string `json:"ticket"`
}

// ChooseFile asks where to save a file, and proposes a name.
func (a *App) ChooseFile(name string) (ChosenFile, error) {
	path, err := runtime.SaveFileDialog(a.ctx, runtime.SaveDialogOptions{
		DefaultFilename: filepath.Base(name), CanCreateDirectories: true, Filters: filters(filepath.Ext(name)),
	})
	if err != nil {
		a.log.Error("the dialogue for a file could not be shown", "err", err)
		return ChosenFile{}, errors.New("the system could not ask where to save the file")
	}
	serving := a.running.Load()
	if path == "" || serving == nil {
		return ChosenFile{}, nil
	}
	return ChosenFile{Path: path, Ticket: serving.AllowFile(path)}, nil
}

// maxFile bounds a file that is opened, in bytes: what the server takes.
const maxFile = 16 << 20

// OpenedFile is a file that somebody has chosen. Its name is empty when nobody
// has.
type OpenedFile struct {
	Name string `json:"name"`
	Text string `json:"text"`
}

// SaveText asks where a text goes, and writes it there. It reports whether it did:
// somebody may think better of it.
func (a *App) SaveText(name, text string) (bool, error) {
	path, err := runtime.SaveFileDialog(a.ctx, runtime.SaveDialogOptions{DefaultFilename: filepath.Base(name), Filters: filters(filepath.Ext(name))})
	if err != nil || path == "" {
		return false, err
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		return false, fmt.Errorf("the file can't be written: %w", err)
	}
	return true, nil
}

// OpenText asks for a file and reads it. Files with this extension (".opml") are
// shown first.
func (a *App) OpenText(extension string) (OpenedFile, error) {
	path, err := runtime.OpenFileDialog(a.ctx, runtime.OpenDialogOptions{Filters: filters(extension)})
	if err != nil || path == "" {
		return OpenedFile{}, err
	}
	return readFile(path)
}

// PickFile asks for a file, and says where it is.
func (a *App) PickFile() (string, error) {
	return runtime.OpenFileDialog(a.ctx, runtime.OpenDialogOptions{})
}

// filters are what a dialogue for files of a kind offers to show: those of the
// kind, and all. Windows adds the first one's extension to a name without one.
// Their names are of no language.
func filters(extension string) []runtime.FileFilter {
	patterns := []string{"*" + extension}
	switch extension {
	case "":
		return nil
	case ".opml":
		patterns = append(patterns, "*.xml") // as many programs name it
	}
	name := fmt.Sprintf("%s (%s)", strings.ToUpper(extension[1:]), strings.Join(patterns, ", "))
	return []runtime.FileFilter{
		{DisplayName: name, Pattern: strings.Join(patterns, ";")},
		{DisplayName: "*.*", Pattern: "*"},
	}
}

func readFile(path string) (OpenedFile, error) {
	file, err := os.Open(path)
	if err != nil {
		return OpenedFile{}, fmt.Errorf("the file can't be read: %w", err)
	}
	defer file.Close()
	text, err := io.ReadAll(io.LimitReader(file, maxFile+1))
	if err != nil {
		return OpenedFile{}, fmt.Errorf("the file can't be read: %w", err)
	}
	if len(text) > maxFile {
		return OpenedFile{}, errors.New("the file is too large: it may have 16 MB at most")
	}
	return OpenedFile{Name: filepath.Base(path), Text: string(text)}, nil
}

// Ready says that the first event is on screen. TICKERTAPE_MEASURE=1 prints it,
// for build/bench.
func (a *App) Ready() {
	a.ready.Do(func() { measure("first_event_on_screen") })
}

func openProblem(err error) string {
	if inUse, ok := errors.AsType[*engine.InUseError](err); ok {
		if inUse.PID == 0 {
			return "Tickertape is running already on this data folder. Close the other one first."
		}
		return fmt.Sprintf("Tickertape is running already on this data folder: %s, process %d. Close that one first.", inUse.Program, inUse.PID)
	}
	return "Tickertape can't start. " + engine.Explain(err)
}

// openWindow opens the window and returns when it is closed and everything
// behind it has stopped.
func openWindow(ctx context.Context, dataDir string, log *slog.Logger) error {
	// Wails closes the window on SIGINT and SIGTERM; the rest follows from that.
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	app := &App{log: log, opened: make(chan struct{})}
	assets, built := frontend.Assets()
	cfg := engine.Config{DataDir: dataDir, Window: true, Version: cli.Version, Log: log, Secrets: cli.Secrets(dataDir, log)}
	if built {
		cfg.Assets = assets
	}
	var running sync.WaitGroup
	var engineErr error
	if !generatesBindings() {
		// The engine opens while the window does.
		running.Go(func() { engineErr = app.run(ctx, cfg) })
	}
	defer endWithoutWindow(func() {
		stop()
		running.Wait()
		os.Exit(0)
	})()
	avoidBlankWindow()
	frame := loadFrame(dataDir)
	err := wails.Run(&options.App{
		Title: "Tickertape",
		Width: frame.Width, Height: frame.Height, MinWidth: minWidth, MinHeight: minHeight,
		WindowStartState: frame.startState(),
		AssetServer:      &assetserver.Options{Assets: assets, Handler: http.HandlerFunc(notBuilt)},
		OnStartup:        func(ctx context.Context) { app.ctx = ctx },
		OnDomReady:       func(context.Context) { measure("dom_ready") },
		OnBeforeClose: func(ctx context.Context) (prevent bool) {
			if err := saveFrame(ctx, dataDir); err != nil {
				log.Warn("the window's size could not be saved", "err", err)
			}
			return false
		},
		Bind: []any{app},
		// Copying text needs a menu.
		EnableDefaultContextMenu: true,
		// Never is what Wails does without Linux options: the first rows are drawn
		// a tenth of a second sooner, and some drivers draw nothing otherwise.
		Linux: &linux.Options{ProgramName: "tickertape", Icon: icon, WebviewGpuPolicy: linux.WebviewGpuPolicyNever},
		SingleInstanceLock: &options.SingleInstanceLock{
			UniqueId:               instanceID(dataDir),
			OnSecondInstanceLaunch: func(options.SecondInstanceData) { app.show() },
		},
	})
	if err != nil {
		err = fmt.Errorf("open the window: %w", err)
	}
	stop()
	running.Wait()
	return errors.Join(err, engineErr)
}

// closing is how long a window may take to close.
const closing = 2 * time.Second

// endWithoutWindow calls end when the program was asked to end and its window
// doesn't close: GTK waits for the answer to a dialogue for files, for ever. The
// returned function ends that.
func endWithoutWindow(end func()) (closed func()) {
	asked := make(chan os.Signal, 1)
	signal.Notify(asked, os.Interrupt, syscall.SIGTERM)
	done := make(chan struct{})
	var watching sync.WaitGroup
	watching.Go(func() {
		select {
		case <-asked:
		case <-done:
			return
		}
		select {
		case <-time.After(closing):
			end()
		case <-done:
		}
	})
	return func() {
		signal.Stop(asked)
		close(done)
		watching.Wait()
	}
}

// run runs the engine until ctx ends. The window stays open without one, and
// says why.
func (a *App) run(ctx context.Context, cfg engine.Config) error {
	var open sync.Once
	err := engine.Serve(ctx, cfg, func(e *engine.Engine) error {
		a.running.Store(e)
		open.Do(func() { // one that takes its place has the same door
			a.private = e.Private()
			close(a.opened)
		})
		return nil
	})
	open.Do(func() {
		a.openErr = err
		close(a.opened)
	})
	if err != nil {
		a.log.Error("the engine stopped", "err", err)
	}
	return err
}

// show brings the window to the front, for somebody who started the program a
// second time.
func (a *App) show() {
	runtime.WindowUnminimise(a.ctx)
	runtime.Show(a.ctx)
}

const minWidth, minHeight = 720, 480

// frame is how large the window was when it was closed.
type frame struct {
	Width     int  `json:"width"`
	Height    int  `json:"height"`
	Maximised bool `json:"maximised"`
}

func frameFile(dataDir string) string { return filepath.Join(dataDir, "window.json") }

// loadFrame is the last window's size, or a good one for a first window.
func loadFrame(dataDir string) frame {
	f := frame{Width: 1280, Height: 800}
	if data, err := os.ReadFile(frameFile(dataDir)); err == nil {
		_ = json.Unmarshal(data, &f) // what can't be read leaves the size as it is
	}
	f.Width, f.Height = max(f.Width, minWidth), max(f.Height, minHeight)
	return f
}

// saveFrame remembers the size for the next window. A maximised one keeps the
// size that it had before.
func saveFrame(ctx context.Context, dataDir string) error {
	f := loadFrame(dataDir)
	if f.Maximised = runtime.WindowIsMaximised(ctx); !f.Maximised {
		f.Width, f.Height = runtime.WindowGetSize(ctx)
	}
	data, err := json.Marshal(f)
	if err != nil {
		return err
	}
	return os.WriteFile(frameFile(dataDir), data, 0o600)
}

func (f frame) startState() options.WindowStartState {
	if f.Maximised {
		return options.Maximised
	}
	return options.Normal
}

// instanceID tells instances on different data folders apart.
func instanceID(dataDir string) string {
	if abs, err := filepath.Abs(dataDir); err == nil {
		dataDir = abs
	}
	sum := sha256.Sum256([]byte(dataDir))
	return "tickertape-" + hex.EncodeToString(sum[:8])
}

// generatesBindings reports whether this is the build that Wails runs to write
// frontend/wailsjs. It ends at once, and must not touch anybody's data.
func generatesBindings() bool {
	info, _ := debug.ReadBuildInfo()
	return info != nil && slices.ContainsFunc(info.Settings, func(s debug.BuildSetting) bool {
		return s.Key == "-tags" && slices.Contains(strings.Split(s.Value, ","), "bindings")
	})
}

// avoidBlankWindow works around WebKitGTK, which shows nothing with NVIDIA's
// driver unless told to render otherwise.
func avoidBlankWindow() {
	const name = "WEBKIT_DISABLE_DMABUF_RENDERER"
	if _, err := os.Stat("/sys/module/nvidia"); err == nil && os.Getenv(name) == "" {
		_ = os.Setenv(name, "1") // fails only for malformed names
	}
}

// notBuilt answers for a page that the build left out.
func notBuilt(w http.ResponseWriter, _ *http.Request) {
	w.WriteHeader(http.StatusNotFound)
	fmt.Fprintln(w, "The front end isn't built into this program. Build it: ./build/build")
}

// measure prints a moment of the start, for build/bench.
func measure(moment string) {
	if os.Getenv("TICKERTAPE_MEASURE") == "1" {
		fmt.Fprintln(os.Stderr, moment)
	}
}
