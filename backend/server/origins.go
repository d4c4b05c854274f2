//go:build !dev

package server

var devOrigins []string
