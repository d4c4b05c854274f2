package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/spf13/cobra"
)

// tokenVariable is where publish finds its token: other users of the computer
// can see a command line, but not its environment.
const tokenVariable = "TICKERTAPE_TOKEN"

// publisher sends events to a feed of kind push.
type publisher struct {
	server, feed, token string
	typ, id             string
	ndjson              bool
	trust               trust
}

func publish(dataDir *string) *cobra.Command {
	p := publisher{trust: trust{dataDir: dataDir}}
	cmd := &cobra.Command{
		Use:   "publish --feed ID [DATA | -]",
		Short: "Publish events to a feed of kind push",
		Long: "Publish sends DATA, or what comes on stdin, as one event to a feed of kind push, and prints the event's id once it is\n" +
			"durable. With --ndjson each line on stdin is one event, a JSON value, and is on its way as soon as it comes.\n" +
			"It needs a token with the scope publish (see token create), in " + tokenVariable + " or by --token.",
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			body := cmd.InOrStdin()
			if len(args) > 0 && args[0] != "-" {
				if p.ndjson {
					return errors.New("--ndjson takes its lines from stdin, not from the command line")
				}
				body = strings.NewReader(args[0])
			}
			if p.token == "" {
				p.token = os.Getenv(tokenVariable)
			}
			ctx, stop := signal.NotifyContext(cmd.Context(), syscall.SIGINT, syscall.SIGTERM)
			defer stop()
			stored, err := p.send(ctx, body)
			if err != nil {
				return err
			}
			if p.ndjson {
				fmt.Fprintf(cmd.ErrOrStderr(), "stored %d events, and dropped %d as duplicates\n", stored.Count, stored.Duplicates)
			}
			if stored.ID != "" {
				fmt.Fprintln(cmd.OutOrStdout(), stored.ID)
			}
			return nil
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&p.feed, "feed", "", "the `id` of the feed")
	flags.StringVar(&p.server, "url", "http://127.0.0.1:5000", "where the front door is")
	flags.StringVar(&p.token, "token", "", "the token (default: $"+tokenVariable+")")
	flags.StringVar(&p.typ, "type", "", "the `type` of the event (default: message)")
	flags.StringVar(&p.id, "id", "", "your own `id` of the event: what is published again under the same one is stored once")
	flags.BoolVar(&p.ndjson, "ndjson", false, "publish each line of stdin, a JSON value, as an event")
	p.trust.flag(flags)
	_ = cmd.MarkFlagRequired("feed") // fails for flags that there aren't
	return cmd
}

// stored is the server's answer, or its problem.
type stored struct {
	ID         string `json:"id"`
	Count      int    `json:"count"`
	Duplicates int    `json:"duplicates"`
	Detail     string `json:"detail"` // of a problem
}

// send returns when the events are durable.
func (p publisher) send(ctx context.Context, body io.Reader) (answer stored, err error) {
	if p.token == "" {
		return answer, errors.New("publishing needs a token: see token create, and put it into " + tokenVariable)
	}
	request, err := p.request(ctx, body)
	if err != nil {
		return answer, err
	}
	client, release, err := p.trust.client()
	if err != nil {
		return answer, err
	}
	defer release()
	// Nothing redirects from a front door; what does is somebody else.
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	response, err := client.Do(request)
	if err != nil {
		return answer, errors.New(explain(p.server, err))
	}
	defer response.Body.Close()
	const maxAnswer = 64 << 10
	err = json.NewDecoder(io.LimitReader(response.Body, maxAnswer)).Decode(&answer)
	switch {
	case err != nil || (response.StatusCode != http.StatusAccepted && answer.Detail == ""):
		return answer, fmt.Errorf("%s answered %s: is this the front door of a Tickertape?", p.server, response.Status)
	case response.StatusCode != http.StatusAccepted:
		return answer, errors.New(answer.Detail)
	}
	return answer, nil
}

func (p publisher) request(ctx context.Context, body io.Reader) (*http.Request, error) {
	params := url.Values{}
	for name, value := range map[string]string{"type": p.typ, "id": p.id} {
		if value != "" {
			params.Set(name, value)
		}
	}
	target, err := url.Parse(p.server)
	if err != nil {
		return nil, fmt.Errorf("--url %s is not a URL", p.server)
	}
	target = target.JoinPath("feeds", url.PathEscape(p.feed), "events")
	target.RawQuery = params.Encode()
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, target.String(), body)
	if err != nil {
		return nil, err
	}
	contentType := "text/plain; charset=utf-8" // JSON is known when it is seen
	if p.ndjson {
		contentType = "application/x-ndjson"
	}
	request.Header.Set("Content-Type", contentType)
	request.Header.Set("Authorization", "Bearer "+p.token)
	request.Header.Set("User-Agent", "Tickertape/"+Version)
	return request, nil
}
