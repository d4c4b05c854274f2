package journal

import (
	"os"
	"strings"
)

// bootID tells one start of this computer from another, "" if that isn't known.
func bootID() string {
	id, err := os.ReadFile("/proc/sys/kernel/random/boot_id")
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(id))
}
