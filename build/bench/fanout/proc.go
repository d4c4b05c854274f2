//go:build linux

package main

import (
	"bytes"
	"fmt"
	"os"
	"strconv"
	"strings"
	"syscall"
)

// ticksPerSecond is the unit of times in /proc: Linux shows the same on every machine.
const ticksPerSecond = 100

// processCPU is the user and system time that the processes have used, in seconds.
func processCPU(pids ...int) (seconds float64) {
	for _, pid := range pids {
		fields := processStat(pid)
		if len(fields) < 13 {
			continue // gone
		}
		seconds += number(fields[11]) + number(fields[12])
	}
	return seconds / ticksPerSecond
}

// processStat is /proc/PID/stat behind the program's name, which may have spaces in it.
func processStat(pid int) []string {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return nil
	}
	return strings.Fields(string(stat[bytes.LastIndexByte(stat, ')')+1:]))
}

// children are the processes that pid has started.
func children(pid int) (pids []int) {
	entries, err := os.ReadDir("/proc")
	if err != nil {
		return nil
	}
	for _, entry := range entries {
		child, err := strconv.Atoi(entry.Name())
		if fields := processStat(child); err == nil && len(fields) > 1 && fields[1] == strconv.Itoa(pid) {
			pids = append(pids, child)
		}
	}
	return pids
}

// resident is the resident memory of the processes together, in KiB. Workers of nginx share some of theirs.
func resident(pids ...int) (kib int) {
	for _, pid := range pids {
		status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
		if err != nil {
			continue
		}
		if _, value, found := strings.Cut(string(status), "VmRSS:"); found {
			kib += int(number(strings.Fields(value)[0]))
		}
	}
	return kib
}

// machineCPU is the time that all processes together have used, in seconds. Interrupts aren't in it: they can't be told
// apart by whom they serve.
func machineCPU() float64 {
	stat, err := os.ReadFile("/proc/stat")
	if err != nil {
		return 0
	}
	fields := strings.Fields(string(stat)) // cpu user nice system idle …
	return (number(fields[1]) + number(fields[2]) + number(fields[3])) / ticksPerSecond
}

func number(s string) float64 {
	n, _ := strconv.ParseFloat(s, 64) // the kernel's own digits
	return n
}

// openFiles is how many files a process may have open. Go raises its own limit to that by itself.
func openFiles() int {
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		return 1024
	}
	return int(min(limit.Max, 1<<20))
}

// filesystem is the kind of file system that a folder is on.
func filesystem(dir string) string {
	var stat syscall.Statfs_t
	if err := syscall.Statfs(dir, &stat); err != nil {
		return "an unknown file system"
	}
	names := map[int64]string{0xef53: "ext4", 0x58465342: "xfs", 0x9123683e: "btrfs", 0x01021994: "tmpfs (no disk!)", 0x794c7630: "overlayfs"}
	if name, known := names[stat.Type]; known {
		return name
	}
	return fmt.Sprintf("a file system of type %#x", stat.Type)
}
