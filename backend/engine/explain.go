package engine

import (
	"errors"
	"io/fs"
	"strings"
	"syscall"

	"tickertape/backend/journal"
)

// Explain says in a sentence why an engine could not be made, and what to do
// about it.
func Explain(err error) string {
	switch {
	case errors.Is(err, fs.ErrPermission):
		return "The data folder, or a file in it, can't be written (" + place(err) + "). Give yourself the right to write there, or name another folder by --data."
	case errors.Is(err, syscall.ENOSPC):
		return "The disk of the data folder is full. Free some space, and start it again."
	case errors.Is(err, syscall.EROFS):
		return "The disk of the data folder can't be written (" + place(err) + "). Name another folder by --data."
	}
	if reason := journal.Reason(err); reason != "" {
		return reason
	}
	reason := err.Error()
	return strings.ToUpper(reason[:1]) + reason[1:] + "."
}

// place is the file that an error is about.
func place(err error) string {
	if wrong, ok := errors.AsType[*fs.PathError](err); ok {
		return wrong.Path
	}
	return err.Error()
}
