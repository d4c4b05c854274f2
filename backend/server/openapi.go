package server

import (
	_ "embed"
	"net/http"
)

// openAPI describes the front door's routes (OpenAPI 3.1). A test holds it
// against the route table and against real answers.
//
//go:embed openapi.json
var openAPI []byte

// getOpenAPI is GET /openapi.json.
func (reads) getOpenAPI(w http.ResponseWriter, _ *http.Request) error {
	writeBody(w, http.StatusOK, openAPI)
	return nil
}
