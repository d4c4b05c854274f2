package settings

import (
	"errors"
	"fmt"
	"slices"

	"tickertape/backend/secrets"
	"tickertape/backend/source"
)

// The document in the file has references where the settings in force have
// secrets. This file is the way between the two.

// secretRefs are the ids of all secrets that a document refers to.
func (s Settings) secretRefs() []string {
	ids := s.Network.SecretRefs()
	for _, f := range s.Feeds {
		ids = append(ids, f.SecretRefs()...)
	}
	return ids
}

// holdsSecrets reports whether a document has a secret itself, as those of
// version 1 and those written by hand may.
func (s Settings) holdsSecrets() bool {
	for _, secret := range s.Network.Secrets() {
		if source.IsSecretHeld(secret) {
			return true
		}
	}
	return slices.ContainsFunc(s.Feeds, func(f Feed) bool {
		for _, secret := range f.Secrets() {
			if source.IsSecretHeld(secret) {
				return true
			}
		}
		return false
	})
}

// resolved is the document with its secrets. References to those that can't be
// read stay, and the feeds that have them say so.
func (s *Store) resolved(document Settings) Settings {
	refs := document.secretRefs()
	document = document.Clone()
	if len(refs) == 0 {
		return document
	}
	values, err := s.secrets.Get(refs...)
	if err != nil {
		s.log.Warn("secrets can't be read", "err", err)
	}
	document.Network = document.Network.Resolved(values)
	for i, f := range document.Feeds {
		document.Feeds[i].Feed = f.Resolved(values)
	}
	return document
}

// hidden is the document of next: a reference to each secret, and those that are
// to be put. A secret that was in the same place before keeps its reference.
func (s *Store) hidden(next Settings) (document Settings, put map[string]string) {
	document, put = next.Clone(), map[string]string{}
	hide := func(values, refs map[string]string) func(place, secret string) string {
		return func(place, secret string) string {
			switch ref := refs[place]; {
			case !source.IsSecretHeld(secret):
				return secret
			case values[place] == secret && !source.IsSecretHeld(ref):
				return ref
			}
			id := secrets.NewID()
			put[id] = secret
			return source.SecretRef(id)
		}
	}
	document.Network = next.Network.MapSecrets(hide(s.current.Network.Secrets(), s.document.Network.Secrets()))
	for i, f := range document.Feeds {
		var values, refs map[string]string
		if at := s.current.Feed(f.ID); at >= 0 {
			values = s.current.Feeds[at].Secrets()
		}
		if at := s.document.Feed(f.ID); at >= 0 {
			refs = s.document.Feeds[at].Secrets()
		}
		document.Feeds[i].Feed = f.MapSecrets(hide(values, refs))
	}
	return document, put
}

// Refresh reads secrets again that couldn't be read: their keyring may have been
// unlocked.
func (s *Store) Refresh() {
	s.mu.Lock()
	defer s.mu.Unlock()
	before := len(s.current.secretRefs())
	if before == 0 {
		return
	}
	if next := s.resolved(s.document); len(next.secretRefs()) != before {
		s.current = next
		s.announce()
	}
}

// Unlock opens the file of secrets with its passphrase, and reads those that
// couldn't be read. The error is an Invalid where that isn't the passphrase.
func (s *Store) Unlock(passphrase string) error {
	err := s.secrets.Unlock(passphrase)
	if errors.Is(err, secrets.ErrPassphrase) {
		return Invalid{"passphrase": "This is not the passphrase of the secrets."}
	}
	if err != nil {
		return fmt.Errorf("unlock the secrets: %w", err)
	}
	s.Refresh()
	return nil
}

// Secrets says where secrets are kept. It may wait some seconds for a keyring
// that doesn't answer, once.
func (s *Store) Secrets() secrets.Where { return s.secrets.Where() }
