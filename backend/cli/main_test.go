package cli

import (
	"os"
	"testing"

	"tickertape/backend/secrets"
)

// Tests leave the keyring of whoever runs them alone.
func TestMain(m *testing.M) {
	if err := os.Setenv(secrets.EnvKeyring, "off"); err != nil {
		panic(err)
	}
	os.Exit(m.Run())
}
