//go:build linux

package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"
)

// column is a figure of a table.
type column struct {
	name     string
	digits   int
	compared bool // with Tickertape's
	value    func(result) float64
}

var (
	delivered = column{"delivered %", 1, false, func(r result) float64 { return 100 * float64(r.Delivered) / float64(max(r.Expected, 1)) }}
	missing   = column{"missing", 0, false, func(r result) float64 { return float64(r.Published*int64(r.Readers) - r.Delivered) }}
	memory    = column{"memory MiB", 0, true, func(r result) float64 { return float64(r.RSS) / 1024 }}
	gone      = column{"disconnected", 0, false, func(r result) float64 { return float64(r.Gone) }}
	doubled   = column{"doubled", 0, false, func(r result) float64 { return float64(r.Doubled) }}
	foreign   = column{"foreign cores", 2, false, func(r result) float64 { return r.Foreign }}

	flowColumns = []column{
		{"deliveries/s", 0, true, func(r result) float64 { return r.PerSecond }},
		delivered, missing,
		{"p50 ms", 2, true, func(r result) float64 { return r.P50 }},
		{"p99 ms", 2, true, func(r result) float64 { return r.P99 }},
		{"server CPU µs/delivery", 2, true, func(r result) float64 { return r.PerEvent }},
		memory, gone, doubled, foreign,
	}
	idleColumns = []column{
		{"readers", 0, false, func(r result) float64 { return float64(r.Readers) }},
		{"KiB/reader", 1, true, func(r result) float64 { return r.PerReader }},
		memory, gone, delivered, foreign,
	}
	replayColumns = []column{
		{"ms until all", 0, true, func(r result) float64 { return r.Replayed }},
		delivered,
		{"server CPU s", 2, true, func(r result) float64 { return r.CPU }},
		memory, gone, foreign,
	}
)

func (s scenario) columns() []column {
	switch s.Drive {
	case idle:
		return idleColumns
	case replay:
		return replayColumns
	default:
		return flowColumns
	}
}

// summarise prints the tables of raw files.
func summarise(w io.Writer, names []string) error {
	var results []result
	for _, name := range names {
		raw, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		for decoder := json.NewDecoder(bytes.NewReader(raw)); decoder.More(); {
			var r result
			if err := decoder.Decode(&r); err != nil {
				return fmt.Errorf("%s: %w", name, err)
			}
			results = append(results, r)
		}
	}
	return tables(w, results)
}

// tables prints a Markdown table for each scenario there are results of.
func tables(w io.Writer, results []result) error {
	var machines []string
	for _, r := range results {
		if !slices.Contains(machines, r.Machine) {
			machines = append(machines, r.Machine)
		}
	}
	out := bufio.NewWriter(w)
	fmt.Fprintf(out, "%s. Medians; in brackets Tickertape's figure divided by this server's.\n", strings.Join(machines, "; "))
	for _, s := range scenarios {
		of := slices.DeleteFunc(slices.Clone(results), func(r result) bool { return r.Scenario != s.Name })
		if len(of) > 0 {
			table(out, s, of)
		}
	}
	return out.Flush()
}

func table(w io.Writer, s scenario, results []result) {
	columns := s.columns()
	fmt.Fprintf(w, "\n### %s: %s\n\n| server | runs |", s.Name, s.About)
	for _, c := range columns {
		fmt.Fprintf(w, " %s |", c.name)
	}
	fmt.Fprintf(w, "\n|---|---:|%s\n", strings.Repeat("---:|", len(columns)))
	own, _ := counted(results, ours)
	for _, name := range names(results) {
		runs, problem := counted(results, name)
		if len(runs) == 0 {
			fmt.Fprintf(w, "| %s | 0 | %s |%s\n", name, strings.ReplaceAll(problem, "\n", " "), strings.Repeat(" |", len(columns)-1))
			continue
		}
		fmt.Fprintf(w, "| %s | %d |", name, len(runs))
		for _, c := range columns {
			value := median(runs, c.value)
			fmt.Fprintf(w, " %s%s |", grouped(value, c.digits), c.against(own, name, value))
		}
		fmt.Fprintln(w)
	}
}

// against is Tickertape's figure divided by the one of another server.
func (c column) against(own []result, name string, value float64) string {
	if !c.compared || name == ours || len(own) == 0 || value <= 0 {
		return ""
	}
	ratio := median(own, c.value) / value
	if ratio < 10 {
		return fmt.Sprintf(" (×%.2f)", ratio)
	}
	return fmt.Sprintf(" (×%.0f)", ratio)
}

// names are the servers, in the order of their first results.
func names(results []result) (names []string) {
	for _, r := range results {
		if !slices.Contains(names, r.Server) {
			names = append(names, r.Server)
		}
	}
	return names
}

// counted are a server's runs that count: the undisturbed ones, if there are any. With none at all problem says why.
func counted(results []result, name string) (runs []result, problem string) {
	var disturbed []result
	for _, r := range results {
		switch {
		case r.Server != name:
		case r.Problem != "":
			problem = r.Problem
		case r.Disturbed:
			disturbed = append(disturbed, r)
		default:
			runs = append(runs, r)
		}
	}
	if len(runs) == 0 {
		return disturbed, problem
	}
	return runs, problem
}

// median is the middle of the runs' values; of an even number, the mean of the two in the middle.
func median(runs []result, value func(result) float64) float64 {
	values := make([]float64, 0, len(runs))
	for _, r := range runs {
		values = append(values, value(r))
	}
	slices.Sort(values)
	middle := len(values) / 2
	if len(values)%2 == 0 {
		return (values[middle-1] + values[middle]) / 2
	}
	return values[middle]
}

// grouped is a number with its thousands apart.
func grouped(value float64, digits int) string {
	text := strconv.FormatFloat(value, 'f', digits, 64)
	whole, fraction, _ := strings.Cut(text, ".")
	for i := len(whole) - 3; i > 0 && whole[i-1] != '-'; i -= 3 {
		whole = whole[:i] + "," + whole[i:]
	}
	if fraction != "" {
		return whole + "." + fraction
	}
	return whole
}

// String is a run in a line, for whoever watches.
func (r result) String() string {
	line := fmt.Sprintf("%-10s %d %-20s ", r.Scenario, r.Run, r.Server)
	if r.Problem != "" {
		return line + r.Problem
	}
	for _, s := range scenarios {
		if s.Name != r.Scenario {
			continue
		}
		for _, c := range s.columns() {
			line += fmt.Sprintf("%s %s, ", grouped(c.value(r), c.digits), c.name)
		}
	}
	return strings.TrimSuffix(line, ", ")
}
