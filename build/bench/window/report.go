//go:build linux

package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// report is the table of a run.
type report struct {
	blank   result
	results []result
	notes   []string
}

func (t *report) add(r result) { t.results = append(t.results, r) }

func (t *report) note(format string, args ...any) {
	t.notes = append(t.notes, fmt.Sprintf(format, args...))
}

func (t *report) print() {
	const heads = "%-36s %7s %8s %9s %11s %11s %8s %11s %11s %9s  %s\n"
	fmt.Printf(heads, "", "frames", "of blank", "longest", "newest row", "newest row", "web", "web proc.", "net proc.", "net", "events")
	fmt.Printf(heads, "", "/s", "", "stall", "p50", "p95", "CPU", "above blank", "", "grew", "counted")
	for _, r := range append([]result{t.blank}, t.results...) {
		fmt.Printf("%-36s %7.1f %7.0f%% %6.0f ms %s %s %6.0f %% %8.1f MB %8.1f MB %6.1f MB  %s\n", r.name, r.fps, 100*r.fps/t.blank.fps, r.stall,
			millis(r.p50), millis(r.p95), 100*r.cpu, mb(r.web-t.blank.web), mb(r.network), mb(r.networkGrowth), r.counted)
		if len(r.stalls) > 0 {
			t.note("%s: stalls above 100 ms, [when they ended, how long they were]: %v ms", r.name, r.stalls)
		}
	}
	for _, note := range t.notes {
		fmt.Println(note)
	}
}

func millis(ms float64) string {
	if ms == 0 {
		return strings.Repeat(" ", 11)
	}
	return fmt.Sprintf("%8.0f ms", ms)
}

// mb is KiB in millions of bytes.
func mb(kib int) float64 { return float64(kib) * 1024 / 1e6 }

func percentile(values []float64, p float64) float64 {
	if len(values) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(values))
	return sorted[min(len(sorted)-1, int(p*float64(len(sorted))))]
}

// processes is what a window's WebKit processes use: resident memory in KiB, and CPU in seconds so far.
type processes struct {
	web, network int
	webCPU       float64
}

// webkit looks at the processes of the program with that id.
func webkit(pid int) (p processes, err error) {
	stats, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil {
		return p, err
	}
	const ticks = 100 // of CPU time a second, as Linux counts for programs
	for _, path := range stats {
		name, fields := stat(path)
		if len(fields) < 22 || !strings.HasPrefix(name, "WebKit") || !descends(fields[1], pid) {
			continue
		}
		pages, _ := strconv.Atoi(fields[21])
		kib := pages * os.Getpagesize() / 1024
		if strings.HasPrefix(name, "WebKitNet") {
			p.network += kib
			continue
		}
		user, _ := strconv.ParseFloat(fields[11], 64)
		system, _ := strconv.ParseFloat(fields[12], 64)
		p.web += kib
		p.webCPU += (user + system) / ticks
	}
	if p.web == 0 {
		return p, fmt.Errorf("process %d has no web process", pid)
	}
	return p, nil
}

// stat reads a process's name and the fields after it; none when it has ended.
func stat(path string) (name string, fields []string) {
	text, err := os.ReadFile(path)
	begin, end := bytes.IndexByte(text, '('), bytes.LastIndexByte(text, ')')
	if err != nil || begin < 0 || end < begin {
		return "", nil
	}
	return string(text[begin+1 : end]), strings.Fields(string(text[end+1:]))
}

// descends reports whether a process is the program or comes from it, through the helpers that WebKit starts others by.
func descends(ppid string, pid int) bool {
	for range 6 {
		if ppid == strconv.Itoa(pid) {
			return true
		}
		_, fields := stat("/proc/" + ppid + "/stat")
		if len(fields) < 2 {
			return false
		}
		ppid = fields[1]
	}
	return false
}
