package simulate

import (
	"bytes"
	"encoding/json"
)

// encode writes v as JSON on one line, with <, > and & as they are, as feeds send them.
func encode(v any) []byte {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		panic(err) // only our own structs come here: a mistake in this package
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n"))
}

// withMember adds a member with a string of raw bytes at the end of a JSON object. What
// isn't an object stays as it is.
func withMember(object []byte, name, value string) []byte {
	body, isObject := bytes.CutSuffix(object, []byte("}"))
	if !isObject || len(body) < 2 {
		return object
	}
	var b bytes.Buffer
	b.Grow(len(object) + len(name) + len(value) + 8)
	b.Write(body)
	b.WriteString(`,"` + name + `":"`)
	b.WriteString(value)
	b.WriteString(`"}`)
	return b.Bytes()
}
