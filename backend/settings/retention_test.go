package settings

import (
	"strings"
	"testing"
	"time"
)

func TestAnAgeIsWrittenAsPeopleDo(t *testing.T) {
	for text, want := range map[string]string{
		"90d": "90d", "2w": "14d", "36h": "36h0m0s", "24h": "1d", "1h30m": "1h30m0s", "": "", "0": "", "0d": "",
	} {
		var age Age
		if err := age.UnmarshalText([]byte(text)); err != nil || age.String() != want {
			t.Errorf("%q: %v, %v, want %v", text, age, err, want)
		}
	}
	for _, text := range []string{"90", "soon", "-1d", "-1h", "1.5d", "99999999999999999999d", "90000d", "d"} {
		var age Age
		if err := age.UnmarshalText([]byte(text)); err == nil || !strings.Contains(err.Error(), "write it like") {
			t.Errorf("%q: %v, %v", text, age, err)
		}
	}
}

func TestARetentionOfNonsenseIsRefused(t *testing.T) {
	for field, r := range map[string]Retention{"age": {Age: Age(time.Second)}, "events": {Events: -1}, "bytes": {Bytes: 1}} {
		s := Default()
		s.History = r
		if err := s.Validate(); err == nil || !strings.Contains(err.(Invalid)[field], "leave ") { //nolint:errorlint // it is one
			t.Errorf("of all, %s: %v", field, err)
		}
		s = Default()
		s.Feeds[0].Retention = r
		if err := s.Validate(); err == nil {
			t.Errorf("of a feed, %s: it was taken", field)
		}
	}
}
