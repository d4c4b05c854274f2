package settings

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"time"
)

// What a token allows at the front door. Neither includes the other: a device
// that publishes need not see what others do.
const (
	ScopeRead    = "read"
	ScopePublish = "publish"
)

// tokenPrefix lets people, and programs that look for leaked secrets, know one
// of ours when they see it.
const tokenPrefix = "tt_"

// Token is what lets another program in at the front door. The token itself is
// told once, when it is made; kept is its hash.
type Token struct {
	ID      string    `json:"id"`
	Name    string    `json:"name"`
	Scope   string    `json:"scope"` // ScopeRead or ScopePublish
	Hash    string    `json:"hash"`
	Created time.Time `json:"created"`
}

// AddToken makes a token and returns it with its secret, which is kept nowhere.
// The settings are changed only if the result is valid.
func (s *Settings) AddToken(name, scope string, now time.Time) (secret string, t Token, err error) {
	var bits [32]byte
	_, _ = rand.Read(bits[:]) // never fails (crypto/rand)
	secret = tokenPrefix + base64.RawURLEncoding.EncodeToString(bits[:])
	t = Token{
		ID: strings.ToLower(rand.Text()[:8]), Name: strings.TrimSpace(name), Scope: scope,
		Hash: hashToken(secret), Created: now.UTC().Truncate(time.Second),
	}
	next := s.Clone()
	next.Tokens = append(next.Tokens, t)
	if err := next.Validate(); err != nil {
		return "", Token{}, err
	}
	*s = next
	return secret, t, nil
}

// RemoveToken removes the token with this name or id, and reports whether there
// was one.
func (s *Settings) RemoveToken(nameOrID string) (Token, bool) {
	i := slices.IndexFunc(s.Tokens, func(t Token) bool { return t.ID == nameOrID || strings.EqualFold(t.Name, nameOrID) })
	if i < 0 {
		return Token{}, false
	}
	removed := s.Tokens[i]
	s.Tokens = slices.Delete(s.Tokens, i, i+1)
	return removed, true
}

// Token finds the token with this secret. How long that takes says nothing of
// how near a guess is.
func (s Settings) Token(secret string) (found Token, ok bool) {
	hash := hashToken(secret)
	for _, t := range s.Tokens {
		if subtle.ConstantTimeCompare([]byte(t.Hash), []byte(hash)) == 1 {
			found, ok = t, true
		}
	}
	return found, ok
}

// hashToken needs neither salt nor a slow function, as a password would: there
// is no list of likely tokens to try, and 256 random bits can't be tried
// through.
func hashToken(secret string) string {
	sum := sha256.Sum256([]byte(secret))
	return hex.EncodeToString(sum[:])
}

func (s Settings) tokenProblems() Invalid {
	problems := Invalid{}
	for i, t := range s.Tokens {
		if t.Name == "" || len([]rune(t.Name)) > 60 {
			problems["token"] = "A token has a name of up to 60 characters."
		}
		if t.Scope != ScopeRead && t.Scope != ScopePublish {
			problems["scope"] = fmt.Sprintf("There is no scope called %q; use read or publish.", t.Scope)
		}
		if slices.ContainsFunc(s.Tokens[:i], func(other Token) bool { return strings.EqualFold(other.Name, t.Name) }) {
			problems["token"] = fmt.Sprintf("There is a token called %q already.", t.Name)
		}
	}
	return problems
}
