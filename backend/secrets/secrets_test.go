package secrets

import (
	"bytes"
	"errors"
	"io/fs"
	"log/slog"
	"maps"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/zalando/go-keyring"
)

const planted = "hunter2-planted-hunter2"

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// inFile is a store without a keyring.
func inFile(dir, passphrase string) *Store {
	return New(Config{Dir: dir, Passphrase: passphrase, Log: slog.New(slog.DiscardHandler)})
}

func has(t *testing.T, s *Store, want map[string]string, ids ...string) {
	t.Helper()
	got, err := s.Get(ids...)
	if err != nil || !maps.Equal(got, want) {
		t.Errorf("got %v, %v; want %v", got, err, want)
	}
}

// grep fails where a file below dir has the text.
func grep(t *testing.T, dir, text string) {
	t.Helper()
	must(t, filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		if strings.Contains(string(data), text) {
			t.Errorf("%s has it", path)
		}
		return err
	}))
}

func TestSecretsSurviveInAFileThatDoesNotShowThem(t *testing.T) {
	for name, passphrase := range map[string]string{"a key file": "", "a passphrase": "correct horse"} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			first, second := inFile(dir, passphrase), inFile(dir, passphrase)
			must(t, first.Put(map[string]string{"a": planted, "b": "2"}))
			must(t, second.Put(map[string]string{"c": "3"}))
			has(t, first, map[string]string{"a": planted, "c": "3"}, "a", "c", "none")
			must(t, first.Delete("b", "none"))
			has(t, inFile(dir, passphrase), map[string]string{"a": planted, "c": "3"}, "a", "b", "c")
			grep(t, dir, planted)
			if where := first.Where(); where.Place != InFile || where.Notice != "" || strings.Contains(where.Text, "passphrase") != (passphrase != "") {
				t.Errorf("%+v", where)
			}
		})
	}
}

func TestTheFilesAreTheirOwnersAlone(t *testing.T) {
	if runtime.GOOS == "windows" {
		return // folders of a user are nobody else's there
	}
	dir := t.TempDir()
	must(t, inFile(dir, "").Put(map[string]string{"a": planted}))
	for _, name := range []string{sealedFile, keyOfFile} {
		if stat, err := os.Stat(filepath.Join(dir, name)); err != nil || stat.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v, %v", name, stat, err)
		}
	}
}

func TestNothingIsMadeBeforeThereIsASecret(t *testing.T) {
	dir := t.TempDir()
	s := inFile(dir, "")
	has(t, s, map[string]string{}, "a")
	must(t, s.Delete("a"))
	_ = s.Where()
	if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
		t.Errorf("%v, %v", left, err)
	}
}

func TestAWrongOrMissingPassphraseLeavesTheFileAlone(t *testing.T) {
	dir := t.TempDir()
	must(t, inFile(dir, "right").Put(map[string]string{"a": planted}))
	before, err := os.ReadFile(filepath.Join(dir, sealedFile))
	must(t, err)
	for passphrase, want := range map[string]error{"": errNoPassphrase, "wrong": ErrPassphrase} {
		s := inFile(dir, passphrase)
		if got, err := s.Get("a"); len(got) > 0 || !errors.Is(err, want) {
			t.Errorf("%q: %v, %v", passphrase, got, err)
		}
		if err := s.Put(map[string]string{"b": "x"}); !errors.Is(err, want) {
			t.Errorf("%q: put: %v", passphrase, err)
		}
	}
	after, err := os.ReadFile(filepath.Join(dir, sealedFile))
	if !bytes.Equal(before, after) || err != nil {
		t.Errorf("the file was changed, %v", err)
	}
	asked := New(Config{Dir: dir, Log: slog.New(slog.DiscardHandler), Ask: func() (string, error) { return "right", nil }})
	has(t, asked, map[string]string{"a": planted}, "a")
}

func TestALockedFileIsOpenedWithItsPassphrase(t *testing.T) {
	dir := t.TempDir()
	must(t, inFile(dir, "right").Put(map[string]string{"a": planted}))
	s := inFile(dir, "")
	if _, err := s.Get("a"); !errors.Is(err, errNoPassphrase) || !s.Where().Locked {
		t.Errorf("%v, %+v", err, s.Where())
	}
	if err := s.Unlock("wrong"); !errors.Is(err, ErrPassphrase) || !s.Where().Locked {
		t.Errorf("%v, %+v", err, s.Where())
	}
	must(t, s.Unlock("right"))
	has(t, s, map[string]string{"a": planted}, "a")
	if s.Where().Locked {
		t.Errorf("%+v", s.Where())
	}
}

func TestAPassphraseThatIsGivenLaterTakesTheKeyFilesPlace(t *testing.T) {
	dir := t.TempDir()
	must(t, inFile(dir, "").Put(map[string]string{"a": planted}))
	must(t, inFile(dir, "later").Put(map[string]string{"b": "2"}))
	has(t, inFile(dir, "later"), map[string]string{"a": planted, "b": "2"}, "a", "b")
	if _, err := inFile(dir, "").Get("a"); !errors.Is(err, errNoPassphrase) {
		t.Errorf("without it: %v", err)
	}
}

func TestADamagedFileIsMovedAsideAndTold(t *testing.T) {
	damages := map[string]func(t *testing.T, dir string){
		"nonsense": func(t *testing.T, dir string) {
			must(t, os.WriteFile(filepath.Join(dir, sealedFile), []byte("nonsense"), 0o600))
		},
		"a flipped bit": func(t *testing.T, dir string) {
			path := filepath.Join(dir, sealedFile)
			data, err := os.ReadFile(path)
			must(t, err)
			at := bytes.Index(data, []byte(`"data":"`)) + len(`"data":"`)
			data[at] = 'A' + (data[at]-'A'+1)%26
			must(t, os.WriteFile(path, data, 0o600))
		},
		"a lost key": func(t *testing.T, dir string) { must(t, os.Remove(filepath.Join(dir, keyOfFile))) },
		"another key": func(t *testing.T, dir string) {
			must(t, os.Remove(filepath.Join(dir, keyOfFile)))
			other := t.TempDir()
			must(t, inFile(other, "").Put(map[string]string{"x": "y"}))
			must(t, os.Rename(filepath.Join(other, keyOfFile), filepath.Join(dir, keyOfFile)))
		},
	}
	for name, damage := range damages {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			must(t, inFile(dir, "").Put(map[string]string{"a": planted}))
			damage(t, dir)
			s := inFile(dir, "")
			has(t, s, map[string]string{}, "a")
			if s.Where().Notice == "" {
				t.Error("nothing is told")
			}
			if kept, err := filepath.Glob(filepath.Join(dir, sealedFile+".unreadable-*")); err != nil || len(kept) != 1 {
				t.Errorf("kept %v, %v", kept, err)
			}
			must(t, s.Put(map[string]string{"b": "2"}))
			has(t, inFile(dir, ""), map[string]string{"b": "2"}, "b")
		})
	}
}

// inMemory is a keyring that takes up to a number of bytes.
type inMemory struct {
	items map[string]string
	most  int
}

func (k inMemory) Set(service, user, password string) error {
	if len(password) > k.most {
		return keyring.ErrSetDataTooBig
	}
	k.items[service+"/"+user] = password
	return nil
}

func (k inMemory) Get(service, user string) (string, error) {
	if value, ok := k.items[service+"/"+user]; ok {
		return value, nil
	}
	return "", keyring.ErrNotFound
}

func (k inMemory) Delete(service, user string) error {
	_, err := k.Get(service, user)
	delete(k.items, service+"/"+user)
	return err
}

func (k inMemory) DeleteAll(string) error { return keyring.ErrUnsupportedPlatform }

// inRing is a store with a keyring.
func inRing(dir string, k keyring.Keyring) *Store {
	s := inFile(dir, "")
	s.ring = newRing()
	s.ring.system = k
	return s
}

func TestTheKeyringIsUsedWhereThereIsOne(t *testing.T) {
	dir, k := t.TempDir(), inMemory{map[string]string{}, 2500}
	must(t, inRing(dir, k).Put(map[string]string{"a": planted}))
	s := inRing(dir, k)
	has(t, s, map[string]string{"a": planted}, "a", "none")
	if got := k.items["Tickertape/a"]; got != planted {
		t.Errorf("the keyring has %q", got)
	}
	if where := s.Where(); where.Place != InKeyring || where.Text != "Secrets are kept in the system's keyring." {
		t.Errorf("%+v", where)
	}
	must(t, s.Delete("a", "none"))
	if len(k.items) > 0 {
		t.Errorf("the keyring still has %v", k.items)
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
		t.Errorf("left in the folder: %v, %v", left, err)
	}
}

func TestWhatAKeyringRefusesGoesToTheFile(t *testing.T) {
	dir, k := t.TempDir(), inMemory{map[string]string{}, 100}
	s := inRing(dir, k)
	long := strings.Repeat(planted, 10)
	must(t, s.Put(map[string]string{"a": planted, "b": long}))
	has(t, inRing(dir, k), map[string]string{"a": planted, "b": long}, "a", "b")
	has(t, inFile(dir, ""), map[string]string{"b": long}, "a", "b")
	must(t, s.Delete("a", "b"))
	has(t, inRing(dir, k), map[string]string{}, "a", "b")
}

// A bus that takes connections and never says anything.
func TestAKeyringThatHangsIsGivenUpAndMayAnswerLate(t *testing.T) {
	if runtime.GOOS == "windows" || runtime.GOOS == "darwin" {
		return // no bus there
	}
	path := filepath.Join(t.TempDir(), "bus")
	listener, err := net.Listen("unix", path)
	must(t, err)
	taken := make(chan net.Conn, 1)
	go func() {
		if conn, err := listener.Accept(); err == nil {
			taken <- conn
		}
	}()
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path="+path)
	r := newRing()
	r.wait = 20 * time.Millisecond
	s := inFile(t.TempDir(), "")
	s.ring = r
	must(t, s.Put(map[string]string{"a": planted}))
	has(t, s, map[string]string{"a": planted}, "a")
	if where := s.Where(); where.Place != InFile || !strings.Contains(where.Text, "because no keyring answers here") {
		t.Errorf("%+v", where)
	}
	if _, err := s.Get("in the ring"); !errors.Is(err, errSilent) {
		t.Errorf("%v", err)
	}
	late := s.Late()
	listener.Close()
	(<-taken).Close() // now the library gives up
	<-late
}

func TestSealedTextIsOpenedByItsPassphraseAlone(t *testing.T) {
	data, err := Seal("right", []byte(planted))
	must(t, err)
	if strings.Contains(string(data), planted) {
		t.Error("it shows")
	}
	if text, err := Open("right", data); string(text) != planted || err != nil {
		t.Errorf("%q, %v", text, err)
	}
	for _, wrong := range []string{"", "wrong"} {
		if _, err := Open(wrong, data); !errors.Is(err, ErrPassphrase) {
			t.Errorf("%q: %v", wrong, err)
		}
	}
}

func FuzzOpenNeverTakesMoreThanItMay(f *testing.F) {
	f.Add([]byte(`{"format":"tickertape-sealed-1","key":"passphrase","n":1073741824,"r":8,"p":1,"salt":"AAAAAAAAAAA=","nonce":"","data":"","sum":"47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="}`))
	f.Add([]byte(`{}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		if text, err := Open("x", data); err == nil {
			t.Errorf("%q was opened: %q", data, text)
		}
	})
}
