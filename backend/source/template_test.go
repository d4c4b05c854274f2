package source

import (
	"net/url"
	"strings"
	"testing"

	"github.com/tidwall/gjson"
)

func TestCursorsAreFilledInWhereTheyAreMeant(t *testing.T) {
	for _, tt := range []struct{ cursor, in, want string }{
		{"", "https://a.example/x?since={{cursor}}&y=1", "https://a.example/x?y=1"},
		{"", "https://a.example/x?since={{cursor}}", "https://a.example/x"},
		{"", "https://a.example/x?since=%7B%7Bcursor%7D%7D", "https://a.example/x"},
		{"7", "https://a.example/x?since=%7B%7Bcursor%7D%7D", "https://a.example/x?since=7"},
		{"", "https://a.example/x?since=id:{{cursor}}", "https://a.example/x?since=id:"},
		{"a b&c=d#e", "https://a.example/x?since={{cursor}}&y=1#z", "https://a.example/x?since=a+b%26c%3Dd%23e&y=1#z"},
		{"a/../b?c", "https://a.example/{{cursor}}/x", "https://a.example/a%2F..%2Fb%3Fc/x"},
		{"1", "https://a.example/?key={{secret}}", "https://a.example/?key=s%22"},
		{"1", "https://a.example/?other={{thing}}", "https://a.example/?other={{thing}}"},
	} {
		if got := (template{tt.cursor, `s"`}).url(tt.in); got != tt.want {
			t.Errorf("%q in %s is %s, want %s", tt.cursor, tt.in, got, tt.want)
		}
	}
	fill := template{`1"2`, `s"`}
	if got := fill.body(`{"after":"{{cursor}}","key":"{{secret}}"}`); got != `{"after":"1\"2","key":"s\""}` {
		t.Errorf("body %s", got)
	}
	if got := fill.body(`after {{cursor}}`); got != `after 1"2` {
		t.Errorf("text %s", got)
	}
}

func FuzzACursorNeverChangesWhatIsAskedFor(f *testing.F) {
	f.Add("1")
	f.Add("a&b=c#d/../?")
	f.Fuzz(func(t *testing.T, cursor string) {
		fill := template{cursor: cursor}
		u, err := url.Parse(fill.url("https://a.example/p/{{cursor}}/q?since={{cursor}}&y=1#z"))
		if err != nil {
			t.Fatalf("%q: %v", cursor, err)
		}
		if u.Host != "a.example" || u.Query().Get("since") != cursor || u.Query().Get("y") != "1" || u.Fragment != "z" || !strings.HasSuffix(u.Path, "/q") {
			t.Errorf("%q makes %s", cursor, u)
		}
		if body := fill.body(`{"a":"{{cursor}}","b":1}`); !gjson.Valid(body) || gjson.Get(body, "b").Int() != 1 {
			t.Errorf("%q makes %s", cursor, body)
		}
	})
}
