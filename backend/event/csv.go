package event

import (
	"strconv"
	"strings"
	"time"

	"github.com/tidwall/gjson"
)

// Columns are the members of the JSON form, in its order, as AppendCSV writes
// them.
var Columns = []string{
	"id", "seq", "feed", "type", "sourceId", "key", "title", "text", "url", "value", "severity",
	"sourceTime", "receivedAt", "revises", "data",
}

// AppendCSV adds the event as a record of RFC 4180: one cell for each of
// Columns, empty where the event has nothing to say. The payload is text.
//
// Spreadsheets take a cell that begins like a formula for one, and what feeds
// send is not to be run: such cells begin with an apostrophe here, except plain
// numbers. Whoever needs the bytes as they came takes JSON.
func (e *Event) AppendCSV(dst []byte) []byte {
	revises := ""
	if e.Revises != 0 {
		revises = ID{e.ID.Epoch, e.Revises}.String()
	}
	cells := [...]string{
		e.ID.String(), strconv.FormatUint(e.ID.Seq, 10), e.Feed, e.Type, e.SourceID, e.Key, e.Title, e.Text, e.URL, e.Value, e.Severity,
		cellTime(e.SourceTime), cellTime(e.ReceivedAt), revises, string(e.Data),
	}
	for i, cell := range cells {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = appendCell(dst, cell)
	}
	return append(dst, '\r', '\n')
}

func cellTime(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(timeLayout)
}

// appendCell adds a cell, quoted where it must be.
func appendCell(dst []byte, cell string) []byte {
	cell = strings.ToValidUTF8(cell, "\ufffd")
	if isFormula(cell) {
		cell = "'" + cell
	}
	if !strings.ContainsAny(cell, "\",\r\n") {
		return append(dst, cell...)
	}
	dst = append(dst, '"')
	dst = append(dst, strings.ReplaceAll(cell, `"`, `""`)...)
	return append(dst, '"')
}

// isFormula reports whether a spreadsheet may take the cell for a formula.
func isFormula(cell string) bool {
	if cell == "" || !strings.ContainsRune("=+-@\t\r\n", rune(cell[0])) {
		return false
	}
	return cell[0] != '-' || !gjson.Valid(cell) // of what begins so, only a number is JSON
}
