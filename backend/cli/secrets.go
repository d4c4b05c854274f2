package cli

import (
	"errors"
	"fmt"
	"log/slog"
	"os"

	"golang.org/x/term"

	"tickertape/backend/secrets"
)

// Secrets is where a program keeps the secrets of a data folder. Where they are
// encrypted with a passphrase, it asks for that on a terminal.
func Secrets(dataDir string, log *slog.Logger) *secrets.Store {
	cfg := secrets.FromEnvironment(dataDir, log)
	if term.IsTerminal(int(os.Stdin.Fd())) && term.IsTerminal(int(os.Stderr.Fd())) {
		cfg.Ask = askPassphrase
	}
	return secrets.New(cfg)
}

func askPassphrase() (string, error) {
	fmt.Fprint(os.Stderr, "Passphrase of Tickertape's secrets: ")
	typed, err := term.ReadPassword(int(os.Stdin.Fd()))
	fmt.Fprintln(os.Stderr)
	if err != nil {
		return "", errors.New("the passphrase of the secrets was not given")
	}
	return string(typed), nil
}
