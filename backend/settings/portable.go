package settings

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"tickertape/backend/secrets"
	"tickertape/backend/source"
)

// The ways to import settings.
const (
	ModeMerge   = "merge"   // what the import has is added, or takes its namesake's place
	ModeReplace = "replace" // feeds that the import doesn't have are removed
)

// errPreview ends an Update of which nothing is to be saved.
var errPreview = errors.New("only looked")

// Import says what to import, and how.
type Import struct {
	Data       []byte
	Passphrase string // of its secrets; "" leaves them out
	Mode       string // ModeMerge or ModeReplace
	Preview    bool   // whether only to tell what would change
}

// Changes is what an import changes, or would.
type Changes struct {
	Added   []FeedChange `json:"added"`
	Changed []FeedChange `json:"changed"`
	Removed []FeedChange `json:"removed"`
	Same    []FeedChange `json:"same"`
	Parts   []string     `json:"parts"` // of the rest of the settings: front, appearance, …

	// Sealed says that the import has secrets, which weren't opened.
	Sealed bool `json:"sealed,omitempty"`
}

// FeedChange is a feed that an import is about.
type FeedChange struct {
	ID      string   `json:"id"`
	Name    string   `json:"name"`
	Was     string   `json:"was,omitempty"`     // its name in the import, where that is taken
	Members []string `json:"members,omitempty"` // that change
	Lacks   bool     `json:"lacks,omitempty"`   // it needs a password or key that didn't come with it
}

// sealedMember is the member of an export with what only a passphrase opens.
const sealedMember = "sealed"

// inside is what is sealed.
type inside struct {
	Secrets map[string]map[string]string `json:"secrets"` // by feed and place
	Network map[string]string            `json:"network"` // by place
	Tokens  []json.RawMessage            `json:"tokens"`
}

// Export is the settings as JSON that can be kept, handed on and imported. Masks
// stand for secrets, and tokens are left out, unless there is a passphrase: then
// both are in it, encrypted.
func (s *Store) Export(passphrase string) ([]byte, error) {
	s.mu.Lock()
	current, file := s.current.Clone(), s.file
	s.mu.Unlock()
	document, err := exported(current, file)
	if err != nil {
		return nil, fmt.Errorf("export the settings: %w", err)
	}
	if passphrase != "" {
		if document[sealedMember], err = seal(current, document["tokens"], passphrase); err != nil {
			return nil, fmt.Errorf("encrypt the secrets: %w", err)
		}
	}
	delete(document, "tokens")
	data, err := json.Marshal(document)
	if err == nil {
		data, err = canonical(data)
	}
	return data, err
}

// exported is the document with masks.
func exported(current Settings, file []byte) (object, error) {
	data, err := encode(current.Masked(), file)
	if err != nil {
		return nil, err
	}
	var document object
	err = json.Unmarshal(data, &document)
	return document, err
}

func seal(current Settings, tokens json.RawMessage, passphrase string) (json.RawMessage, error) {
	notHeld := func(_, secret string) bool { return !source.IsSecretHeld(secret) }
	in := inside{Secrets: map[string]map[string]string{}, Network: current.Network.Secrets()}
	maps.DeleteFunc(in.Network, notHeld)
	for _, f := range current.Feeds {
		held := f.Secrets()
		maps.DeleteFunc(held, notHeld)
		if len(held) > 0 {
			in.Secrets[f.ID] = held
		}
	}
	if err := json.Unmarshal(tokens, &in.Tokens); err != nil {
		return nil, err
	}
	text, err := json.Marshal(in)
	if err != nil {
		return nil, err
	}
	return secrets.Seal(passphrase, text)
}

// Import imports an export, or a settings file as it is, and says what that
// changes. Secrets that are masked in it are those that the feed of the same id
// has. Errors are a *FileError, a *NewerError or an Invalid, where somebody can
// mend that.
func (s *Store) Import(ctx context.Context, in Import) (changes Changes, err error) {
	next, err := readImport(in)
	if err != nil {
		return changes, err
	}
	err = s.update(ctx, next.unknown, func(current *Settings) error {
		merged, err := next.over(*current, s.file, in.Mode)
		if err != nil {
			return err
		}
		if err := merged.Validate(); err != nil {
			return err
		}
		if changes, err = compare(*current, merged); err != nil {
			return err
		}
		next.tell(&changes)
		if in.Preview {
			return errPreview
		}
		*current = merged
		return nil
	})
	if errors.Is(err, errPreview) {
		err = nil
	}
	return changes, err
}

// incoming is an import that was read.
type incoming struct {
	document object // in the form of our version, without feeds
	unknown  []byte // a document with what this version doesn't know
	feeds    []Feed
	inside   inside
	sealed   bool              // and not opened
	renamed  map[string]string // by id: what feeds are called in the import
}

func readImport(in Import) (*incoming, error) {
	if in.Mode != ModeMerge && in.Mode != ModeReplace {
		return nil, Invalid{"mode": "The mode is merge or replace."}
	}
	read, err := parse(in.Data)
	if err != nil {
		return nil, err
	}
	if err := read.withoutMask().Validate(); err != nil {
		if problems, ok := errors.AsType[Invalid](err); ok {
			return nil, read.withoutMask().invalidAt(in.Data, problems)
		}
		return nil, err
	}
	document, err := migrated(in.Data)
	if err != nil {
		return nil, err
	}
	n := &incoming{document: document, renamed: map[string]string{}}
	if _, ok := document["feeds"]; ok {
		n.feeds = read.Feeds
	}
	sealed, ok := document[sealedMember]
	delete(document, sealedMember)
	delete(document, "tokens") // a stranger's would let a stranger in
	if n.unknown, err = json.Marshal(document); err != nil {
		return nil, err
	}
	delete(document, "feeds")
	if n.sealed = ok && in.Passphrase == ""; !ok || n.sealed {
		return n, nil
	}
	text, err := secrets.Open(in.Passphrase, sealed)
	if err != nil {
		return nil, Invalid{"passphrase": fmt.Sprintf("The secrets of this export can't be opened: %v.", err)}
	}
	return n, json.Unmarshal(text, &n.inside)
}

// withoutMask is an import whose proxy's password is yet to be found.
func (s Settings) withoutMask() Settings {
	if strings.Contains(s.Network.Proxy, source.Mask) {
		s.Network.Proxy = source.ProxySystem
	}
	return s
}

// over is what becomes of the settings in force. Members that the import leaves
// out stay.
func (n *incoming) over(current Settings, file []byte, mode string) (Settings, error) {
	document, err := exported(current, file)
	if err != nil {
		return Settings{}, err
	}
	for name, raw := range n.document {
		document[name] = overlaid(document[name], raw, mode)
	}
	if n.inside.Tokens != nil {
		tokens, err := json.Marshal(n.inside.Tokens)
		if err != nil {
			return Settings{}, err
		}
		document["tokens"] = overlaid(document["tokens"], tokens, mode)
	}
	delete(document, "feeds")
	data, err := json.Marshal(document)
	if err != nil {
		return Settings{}, err
	}
	next, err := parse(data)
	if err != nil {
		return Settings{}, err
	}
	next.Feeds = n.feedsOver(current, mode)
	next.Network = n.networkOver(next.Network, current.Network)
	return next, nil
}

// overlaid is a member with an import's over it: objects member by member, lists
// of things with ids thing by thing, anything else as a whole.
func overlaid(before, over json.RawMessage, mode string) json.RawMessage {
	var a, b object
	if json.Unmarshal(before, &a) == nil && json.Unmarshal(over, &b) == nil && a != nil && b != nil {
		maps.Copy(a, b)
		merged, _ := json.Marshal(a) // a map of raw JSON always encodes
		return merged
	}
	var listA, listB []object
	if mode == ModeReplace || json.Unmarshal(before, &listA) != nil || json.Unmarshal(over, &listB) != nil {
		return over
	}
	for _, item := range listB {
		at := slices.IndexFunc(listA, func(other object) bool { return other["id"] != nil && bytes.Equal(other["id"], item["id"]) })
		if at >= 0 {
			listA[at] = item
		} else {
			listA = append(listA, item)
		}
	}
	merged, _ := json.Marshal(listA)
	return merged
}

// networkOver is the network with its proxy's password: that which was sealed, or
// is in force for the same proxy. Without it the proxy stays as it is.
func (n *incoming) networkOver(next, current source.Network) source.Network {
	next = next.Unmasked(current).MapSecrets(func(place, secret string) string {
		return cmp.Or(n.inside.Network[place], secret)
	})
	if strings.Contains(next.Proxy, source.Mask) {
		next.Proxy = current.Proxy
	}
	return next
}

// feedsOver is the feeds that there are then, with the secrets that came with
// them, or that are there already.
func (n *incoming) feedsOver(current Settings, mode string) []Feed {
	if n.feeds == nil {
		return current.Feeds
	}
	next := current
	next.Feeds = slices.Clone(current.Feeds)
	if mode == ModeReplace {
		next.Feeds = []Feed{}
	}
	for _, f := range n.feeds {
		if at := current.Feed(f.ID); at >= 0 && f.GoesWhere(current.Feeds[at].Feed) {
			f.Feed = f.Unmasked(current.Feeds[at].Feed)
		}
		f.Feed = opened(f.Feed, n.inside.Secrets[f.ID])
		if at := next.Feed(f.ID); at >= 0 {
			next.Feeds[at] = f
			continue
		}
		if name := next.freeName(f.Name); name != f.Name {
			n.renamed[f.ID], f.Name = f.Name, name
		}
		next.Feeds = append(next.Feeds, f)
	}
	return next.Feeds
}

// opened is the feed with the secrets that were sealed beside it.
func opened(f source.Feed, values map[string]string) source.Feed {
	return f.MapSecrets(func(place, secret string) string { return cmp.Or(values[place], secret) })
}

// tell adds what only the import knows.
func (n *incoming) tell(changes *Changes) {
	changes.Sealed = n.sealed
	for i, f := range changes.Added {
		changes.Added[i].Was = n.renamed[f.ID]
	}
}

// compare says what is different between two settings.
func compare(before, after Settings) (Changes, error) {
	c := Changes{Added: []FeedChange{}, Changed: []FeedChange{}, Removed: []FeedChange{}, Same: []FeedChange{}, Parts: []string{}}
	for _, f := range before.Feeds {
		if after.Feed(f.ID) < 0 {
			c.Removed = append(c.Removed, FeedChange{ID: f.ID, Name: f.Name})
		}
	}
	for _, f := range after.Feeds {
		change := FeedChange{ID: f.ID, Name: f.Name, Lacks: f.LacksSecret()}
		at := before.Feed(f.ID)
		if at < 0 {
			c.Added = append(c.Added, change)
			continue
		}
		var err error
		if change.Members, err = differing(before.Feeds[at], f); err != nil {
			return c, err
		}
		if len(change.Members) > 0 {
			c.Changed = append(c.Changed, change)
		} else {
			c.Same = append(c.Same, change)
		}
	}
	before.Feeds, after.Feeds = nil, nil
	parts, err := differing(before, after)
	c.Parts = append(c.Parts, parts...)
	return c, err
}

// differing are the names of the members that two values of a type don't have in
// common.
func differing(a, b any) ([]string, error) {
	var objects [2]object
	for i, v := range []any{a, b} {
		data, err := json.Marshal(v)
		if err != nil {
			return nil, err
		}
		if err := json.Unmarshal(data, &objects[i]); err != nil {
			return nil, err
		}
	}
	names := slices.Collect(maps.Keys(objects[0]))
	for name := range objects[1] {
		if _, both := objects[0][name]; !both {
			names = append(names, name)
		}
	}
	names = slices.DeleteFunc(names, func(name string) bool { return bytes.Equal(objects[0][name], objects[1][name]) })
	slices.SortFunc(names, strings.Compare)
	return names, nil
}
