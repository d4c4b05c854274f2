package source

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// take reads an answer that has this body.
func take(t *testing.T, in *body, from io.Reader, limit int) ([]byte, error) {
	t.Helper()
	return in.read(t.Context(), &http.Response{Header: http.Header{}}, from, limit)
}

func TestLargeAnswersAreReadOneAfterTheOther(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		turns := newTurns()
		large := strings.Repeat("x", 3*smallBody+1)
		first, second, small := body{turns: turns}, body{turns: turns}, body{turns: turns}
		got, err := take(t, &first, strings.NewReader(large), 4*smallBody)
		if err != nil || string(got) != large {
			t.Fatalf("%d bytes, %v", len(got), err)
		}
		if _, err := take(t, &small, strings.NewReader("x"), 4*smallBody); err != nil {
			t.Errorf("a small one: %v", err)
		}
		time.AfterFunc(time.Minute, first.release)
		began := time.Now()
		if _, err := take(t, &second, strings.NewReader(large), 3*smallBody); err == nil || time.Since(began) != time.Minute {
			t.Errorf("after %v: %v, want an answer that is too large after a minute", time.Since(began), err)
		}
		second.release()
	})
}

func TestAnAnswerThatIsCutIsNone(t *testing.T) {
	for _, size := range []int{0, 5, smallBody, smallBody + 5} {
		in := body{turns: newTurns()}
		cut := io.MultiReader(strings.NewReader(strings.Repeat("x", size)), failing{})
		if got, err := take(t, &in, cut, 4*smallBody); got != nil || !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Errorf("cut after %d bytes: %d bytes, %v", size, len(got), err)
		}
		if got, err := take(t, &in, strings.NewReader(strings.Repeat("x", size)), 4*smallBody); got == nil || len(got) != size || err != nil {
			t.Errorf("whole: %d bytes of %d, %v", len(got), size, err)
		}
		in.release()
	}
}

// failing is a connection that is cut.
type failing struct{}

func (failing) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }
