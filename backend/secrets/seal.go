package secrets

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"

	"golang.org/x/crypto/scrypt"
)

// ErrPassphrase says that a passphrase is missing or isn't the one.
var ErrPassphrase = errors.New("the passphrase is not the one that this was encrypted with")

// errDamaged says that something isn't what was once written.
var errDamaged = errors.New("it is damaged")

// sealed is what is written of something encrypted: AES-256 in GCM, with a key
// that is a passphrase's scrypt or a random one of 32 bytes.
type sealed struct {
	Format string `json:"format"`
	Key    string `json:"key"` // keyPassphrase or keyFile

	// Of scrypt; for a passphrase only.
	N    int    `json:"n,omitempty"`
	R    int    `json:"r,omitempty"`
	P    int    `json:"p,omitempty"`
	Salt []byte `json:"salt,omitempty"`

	Nonce []byte `json:"nonce"`
	Data  []byte `json:"data"`
	// Sum is the SHA-256 of Data, so that damage isn't taken for a wrong passphrase.
	Sum []byte `json:"sum"`
}

const (
	sealFormat    = "tickertape-sealed-1"
	keyPassphrase = "passphrase"
	keyFile       = "file"
)

// What scrypt costs: 32 MiB and about a tenth of a second (the package's advice).
// More than maxN is refused: a file from elsewhere must not take all memory.
const (
	costN, costR, costP = 1 << 15, 8, 1
	maxN                = 1 << 18
)

// Seal encrypts text with a passphrase. Open reads the answer, which is JSON.
func Seal(passphrase string, text []byte) ([]byte, error) {
	box := sealed{Format: sealFormat, Key: keyPassphrase, N: costN, R: costR, P: costP, Salt: make([]byte, 16)}
	_, _ = rand.Read(box.Salt) // never fails (crypto/rand)
	key, err := box.stretch(passphrase)
	if err != nil {
		return nil, err
	}
	return box.seal(key, text)
}

// Open decrypts what Seal has made. The error is ErrPassphrase for another
// passphrase.
func Open(passphrase string, data []byte) ([]byte, error) {
	box, err := parseSealed(data)
	if err != nil {
		return nil, err
	}
	key, err := box.stretch(passphrase)
	if err != nil {
		return nil, err
	}
	return box.open(key)
}

func parseSealed(data []byte) (box sealed, err error) {
	if err := json.Unmarshal(data, &box); err != nil {
		return box, errDamaged // not JSON's words, which may quote it
	}
	if box.Format != sealFormat {
		return box, fmt.Errorf("%w, or a newer Tickertape wrote it", errDamaged)
	}
	if sum := sha256.Sum256(box.Data); !bytes.Equal(sum[:], box.Sum) {
		return box, errDamaged
	}
	return box, nil
}

// stretch is the key that a passphrase stands for.
func (box *sealed) stretch(passphrase string) ([]byte, error) {
	if passphrase == "" {
		return nil, ErrPassphrase
	}
	if box.Key != keyPassphrase || box.N < 2 || box.N > maxN || box.R != costR || box.P != costP || len(box.Salt) < 8 {
		return nil, errDamaged
	}
	key, err := scrypt.Key([]byte(passphrase), box.Salt, box.N, box.R, box.P, 32)
	if err != nil {
		return nil, errDamaged // its costs are no power of two
	}
	return key, nil
}

func (box sealed) seal(key, text []byte) ([]byte, error) {
	gcm, err := newGCM(key)
	if err != nil {
		return nil, err
	}
	box.Nonce = make([]byte, gcm.NonceSize())
	_, _ = rand.Read(box.Nonce) // never fails (crypto/rand)
	box.Data = gcm.Seal(nil, box.Nonce, text, []byte(box.Format))
	sum := sha256.Sum256(box.Data)
	box.Sum = sum[:]
	data, err := json.Marshal(box)
	return append(data, '\n'), err
}

func (box sealed) open(key []byte) ([]byte, error) {
	gcm, err := newGCM(key)
	if err != nil {
		return nil, err
	}
	if len(box.Nonce) != gcm.NonceSize() {
		return nil, errDamaged
	}
	text, err := gcm.Open(nil, box.Nonce, box.Data, []byte(box.Format))
	if err != nil {
		return nil, ErrPassphrase // Sum was right
	}
	return text, nil
}

func newGCM(key []byte) (cipher.AEAD, error) {
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCM(block)
}
