package simulate

import (
	"bufio"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// lines reads n lines that aren't blank, stepping the tape once the answer has begun.
func (s *simulated) lines(path string, steps, n int) (lines []string) {
	s.t.Helper()
	resp := s.get(path)
	equal(s.t, "application/x-ndjson", resp.Header.Get("Content-Type"))
	s.Step(steps)
	scanner := bufio.NewScanner(resp.Body)
	for len(lines) < n && scanner.Scan() {
		if scanner.Text() != "" {
			lines = append(lines, scanner.Text())
		}
	}
	_ = resp.Body.Close()
	if len(lines) < n {
		s.t.Fatalf("%d lines, then %v", len(lines), scanner.Err())
	}
	return lines
}

func TestLichessFeaturesAGameAndThenItsPositions(t *testing.T) {
	s := start(t, Config{Seed: 1})
	lines := s.lines("/ndjson/lichess", gameMoves+3, gameMoves+3)
	for i, line := range lines {
		want := "fen"
		if i%(gameMoves+1) == 0 {
			want = "featured"
			equal(t, s.Sent("/ndjson/lichess")[i], field(t, line, "d", "id")+"-0")
		}
		equal(t, want, field(t, line, "t"))
		equal(t, 7, strings.Count(field(t, line, "d", "fen"), "/"))
	}
}

func TestNtfyLinesResumeOrEnd(t *testing.T) {
	s := start(t, Config{Seed: 1, Backlog: 5})
	sent := s.Sent("/ndjson/ntfy")
	lines := s.lines("/ndjson/ntfy?since="+sent[2], 0, 3)
	equal(t, "open", field(t, lines[0], "event"))
	equal(t, sent[3:], []string{field(t, lines[1], "id"), field(t, lines[2], "id")})
	_, text := s.read("/ndjson/ntfy?poll=1")
	equal(t, 5, strings.Count(text, "\n"))
	_, text = s.read("/ndjson/ntfy?poll=1&since=" + sent[4])
	equal(t, "", text)
}

func TestQuietStreamsSayThatTheyLive(t *testing.T) {
	for path, want := range map[string]string{
		"/ndjson/lichess": "\n", "/sse/numbers": ": still here", "/sse/mastodon": ":thump",
		"/sse/firebase": "event: keep-alive", "/sse/ntfy": "event: keepalive", "/ndjson/ntfy": `"event":"keepalive"`,
	} {
		synctest.Test(t, func(t *testing.T) {
			server, err := New(Config{Seed: 1})
			if err != nil {
				t.Fatal(err)
			}
			client := onPipes(t, server)
			begun := time.Now()
			resp, err := client.Get("http://feed.example" + path)
			if err != nil || resp.StatusCode != http.StatusOK {
				t.Fatal(resp, err)
			}
			defer resp.Body.Close()
			reader, text := bufio.NewReader(resp.Body), ""
			for time.Since(begun) < keepAlive {
				line, err := reader.ReadString('\n')
				if err != nil {
					t.Fatal(err)
				}
				text = line
			}
			if !strings.Contains(text, want) || time.Since(begun) != keepAlive {
				t.Errorf("%s: %q after %v", path, text, time.Since(begun))
			}
		})
	}
}
