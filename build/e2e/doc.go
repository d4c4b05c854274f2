// Package e2e tests Tickertape whole, from outside: the real window on a screen without a monitor, the page in a
// browser, and both doors' streams with programs that nobody here wrote (Flask, curl, Python's requests). It uses the
// programs that build/test has built, and nothing of theirs from inside. All of it carries the build tag e2e.
package e2e
