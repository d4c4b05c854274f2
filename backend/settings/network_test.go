package settings

import (
	"errors"
	"testing"
	"time"

	"tickertape/backend/source"
)

func diff[T comparable](t *testing.T, what string, want, got T) {
	t.Helper()
	if got != want {
		t.Errorf("%s: %+v, want %+v", what, got, want)
	}
}

func TestTheNetworkOfAllFeedsIsSpeltOutAndGoesWithEachFeed(t *testing.T) {
	old, err := decode([]byte(`{"version":1,"feeds":[{"url":"https://a.example/"}]}`))
	if err != nil {
		t.Fatal(err)
	}
	diff(t, "without one", source.DefaultNetwork(), old.Network)
	s, err := decode([]byte(`{"version":1,"network":{"proxy":"http://me:hunter2@proxy.example:8080","connectTimeout":"5s","later":1},
		"feeds":[{"url":"https://a.example/","proxy":"none","ipv6":"only"}]}`))
	if err != nil {
		t.Fatal(err)
	}
	want := source.DefaultNetwork()
	want.Proxy, want.ConnectTimeout = "http://me:hunter2@proxy.example:8080", source.Duration(5*time.Second)
	diff(t, "network", want, s.Network)
	f := s.Sources()[0]
	diff(t, "the feed's own", source.Connection{Proxy: "none", IPv6: "only"}, f.Connection)
	diff(t, "what it leaves to all", want, f.Defaults)
	if shown := s.Masked(); shown.Network.Proxy != "http://me:"+source.Mask+"@proxy.example:8080" {
		t.Errorf("shown as %s", shown.Network.Proxy)
	}
	s.Network.IPv6 = "sometimes"
	if problems, ok := errors.AsType[Invalid](s.Validate()); !ok || problems["ipv6"] == "" {
		t.Errorf("%v", s.Validate())
	}
}
