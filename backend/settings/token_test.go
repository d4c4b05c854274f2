package settings

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestATokenIsToldOnceAndKeptAsItsHash(t *testing.T) {
	path := filepath.Join(t.TempDir(), "settings.json")
	store := open(t, path)
	var secret string
	err := store.Update(t.Context(), func(next *Settings) (err error) {
		secret, _, err = next.AddToken(" CI ", ScopePublish, time.Unix(1_700_000_000, 5))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(secret, "tt_") || len(secret) != len("tt_")+43 { // 256 bits in base64
		t.Errorf("the token is %q", secret)
	}
	data, err := os.ReadFile(path)
	if err != nil || strings.Contains(string(data), strings.TrimPrefix(secret, "tt_")) {
		t.Errorf("the file holds the token itself: %s, %v", data, err)
	}
	s, _ := open(t, path).Current()
	got, ok := s.Token(secret)
	if !ok || got.Name != "CI" || got.Scope != ScopePublish || !got.Created.Equal(time.Unix(1_700_000_000, 0)) {
		t.Errorf("found %+v, %t", got, ok)
	}
	for _, wrong := range []string{"", "tt_", secret[:len(secret)-1], secret + "x", strings.ToLower(secret), got.Hash, got.ID} {
		if _, ok := s.Token(wrong); ok {
			t.Errorf("%q is taken for the token", wrong)
		}
	}
	if removed, ok := s.RemoveToken("ci"); !ok || removed.ID != got.ID {
		t.Errorf("removed %+v, %t", removed, ok)
	}
	if _, ok := s.Token(secret); ok {
		t.Error("a revoked token is still known")
	}
	if _, ok := s.RemoveToken("ci"); ok {
		t.Error("removed twice")
	}
}

func TestTokensHaveANameOfTheirOwnAndAKnownScope(t *testing.T) {
	s := Default()
	if _, _, err := s.AddToken("one", ScopeRead, time.Now()); err != nil {
		t.Fatal(err)
	}
	for _, row := range []struct{ name, scope, field string }{
		{"ONE", ScopeRead, "token"},
		{" ", ScopeRead, "token"},
		{strings.Repeat("x", 61), ScopeRead, "token"},
		{"two", "admin", "scope"},
		{"two", "", "scope"},
	} {
		secret, _, err := s.AddToken(row.name, row.scope, time.Now())
		if invalid, ok := errors.AsType[Invalid](err); !ok || invalid[row.field] == "" || secret != "" {
			t.Errorf("%q %q: %v", row.name, row.scope, err)
		}
	}
	if len(s.Tokens) != 1 {
		t.Errorf("%d tokens", len(s.Tokens))
	}
}

func TestATokenKeepsWhatANewerVersionWroteToIt(t *testing.T) {
	path := filepath.Join(t.TempDir(), "settings.json")
	const old = `{"version":1,"feeds":[],"tokens":[{"id":"a","name":"A","scope":"read","hash":"00","created":"2026-01-02T03:04:05Z","expires":"never"}]}`
	if err := os.WriteFile(path, []byte(old), 0o600); err != nil {
		t.Fatal(err)
	}
	add(t, open(t, path), "x")
	if data, err := os.ReadFile(path); err != nil || !strings.Contains(string(data), `"expires": "never"`) || !strings.Contains(string(data), `"hash": "00"`) {
		t.Errorf("%s, %v", data, err)
	}
}
