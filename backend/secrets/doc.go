// Package secrets keeps passwords and keys out of files that people read, copy
// and hand on: in the system's keyring (Secret Service, Keychain, Credential
// Manager), and where none answers in an encrypted file in the data folder,
// whose key comes from a passphrase or from a file beside it that nobody but
// its owner may read.
//
// A secret has a random id and never changes: who has a new value puts it under
// a new id, saves what refers to it, and deletes the old one. So whatever
// refers to secrets can be saved in one step. Values are never logged and
// stand in no error.
//
// Package settings is its one user.
package secrets
