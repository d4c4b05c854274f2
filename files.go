package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/wailsapp/wails/v2/pkg/runtime"
)

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
	path, err := runtime.SaveFileDialog(a.ctx, runtime.SaveDialogOptions{DefaultFilename: filepath.Base(name)})
	if err != nil || path == "" {
		return false, err
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		return false, fmt.Errorf("the file can't be written: %w", err)
	}
	return true, nil
}

// OpenText asks for a file and reads it.
func (a *App) OpenText() (OpenedFile, error) {
	path, err := a.PickFile()
	if err != nil || path == "" {
		return OpenedFile{}, err
	}
	return readFile(path)
}

// PickFile asks for a file, and says where it is.
func (a *App) PickFile() (string, error) {
	return runtime.OpenFileDialog(a.ctx, runtime.OpenDialogOptions{})
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
