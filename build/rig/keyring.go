//go:build linux

package rig

import (
	"context"
	"fmt"
	"path/filepath"
)

// keyringPassword opens the keyring of a test; nobody else's is ever asked.
const keyringPassword = "open"

// Keyring is a Secret Service on a Screen's session bus, GNOME's, with an unlocked keyring in a home folder.
type Keyring struct {
	// Dir is where it keeps its files, encrypted.
	Dir string

	process *Process
	env     []string
}

// OpenKeyring starts a Secret Service and returns when it answers. Without one the screen's bus has none.
func (s *Screen) OpenKeyring(ctx context.Context, home string) (*Keyring, error) {
	env, err := s.Env(home)
	if err != nil {
		return nil, err
	}
	k := &Keyring{Dir: filepath.Join(home, ".local", "share", "keyrings"), env: env}
	k.process, err = Start(Command{
		Path: "gnome-keyring-daemon", Args: []string{"--foreground", "--unlock", "--components=secrets"}, Env: env, Stdin: keyringPassword,
	})
	if err != nil {
		return nil, err
	}
	err = Until(ctx, "the keyring to answer", func(ctx context.Context) (bool, error) {
		_, err := k.Search(ctx, "service", "nobody's")
		return err == nil, err
	})
	if err != nil {
		k.Close()
		return nil, fmt.Errorf("open a keyring: %w: %s", err, tail(k.process.Stderr.String()))
	}
	return k, nil
}

// Search returns what the Secret Service tells of the secrets that have an attribute, with their values, as secret-tool
// prints it.
func (k *Keyring) Search(ctx context.Context, attribute, value string) (string, error) {
	return Run(ctx, Command{Path: "secret-tool", Args: []string{"search", "--all", attribute, value}, Env: k.env})
}

// Close ends the service. Its files stay.
func (k *Keyring) Close() { k.process.Kill() }
