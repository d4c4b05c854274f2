//go:build linux

package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"
)

const (
	// blockedAfter is when a server that takes nothing more counts as blocked.
	blockedAfter = 3 * time.Second
	// mostAtOnce bounds the events of one write.
	mostAtOnce = 1024
)

// publisher publishes over one connection: either one streamed request with an event a line, or pipelined requests of
// one event each.
type publisher struct {
	target  target
	payload int // bytes of an event
	conn    net.Conn
	seq     int64 // the number of the newest event
	buf     []byte
	line    []byte

	answers chan answers // one, when the connection has no more of them
}

// answers is what the server said to all that was published.
type answers struct {
	count int64 // events it says it took
	err   error
}

func newPublisher(t target, payload int) (*publisher, error) {
	conn, err := net.Dial("tcp", t.Addr)
	if err != nil {
		return nil, fmt.Errorf("connect the publisher: %w", err)
	}
	p := &publisher{target: t, payload: payload, conn: conn, answers: make(chan answers, 1)}
	if !t.Pipelined {
		_, err = fmt.Fprintf(conn, "%sTransfer-Encoding: chunked\r\n\r\n", p.head("application/x-ndjson"))
	}
	go func() { p.answers <- p.readAnswers() }()
	return p, err
}

func (p *publisher) head(contentType string) string {
	head := "POST " + p.target.Publish + " HTTP/1.1\r\nHost: " + p.target.Addr + "\r\nContent-Type: " + contentType + "\r\n"
	if p.target.Token != "" {
		head += "Authorization: Bearer " + p.target.Token + "\r\n"
	}
	return head
}

// appendEvent adds the payload that stamp reads.
func appendEvent(dst []byte, sent, number int64, size int) []byte {
	start := len(dst)
	dst = append(dst, sentMark...)
	dst = strconv.AppendInt(dst, sent, 10)
	dst = append(dst, numberMark...)
	dst = strconv.AppendInt(dst, number, 10)
	dst = append(dst, `,"pad":"`...)
	for len(dst)-start < size-len(`"}`) {
		dst = append(dst, 'x')
	}
	return append(dst, `"}`...)
}

// send publishes an event for each of the times, in one write. A blocked server is a timeout.
func (p *publisher) send(times ...int64) error {
	p.buf, p.line = p.buf[:0], p.line[:0]
	for _, sent := range times {
		p.seq++
		if p.target.Pipelined {
			p.line = appendEvent(p.line[:0], sent, p.seq, p.payload)
			p.buf = append(p.buf, p.head("application/json")...)
			p.buf = fmt.Appendf(p.buf, "Content-Length: %d\r\n\r\n%s", len(p.line), p.line)
			continue
		}
		p.line = append(appendEvent(p.line, sent, p.seq, p.payload), '\n')
	}
	if !p.target.Pipelined {
		p.buf = fmt.Appendf(p.buf, "%x\r\n%s\r\n", len(p.line), p.line)
	}
	if err := p.conn.SetWriteDeadline(time.Now().Add(blockedAfter)); err != nil {
		return fmt.Errorf("publish: %w", err)
	}
	if _, err := p.conn.Write(p.buf); err != nil {
		return p.reason(err)
	}
	return nil
}

// reason prefers the server's own words to a broken pipe.
func (p *publisher) reason(err error) error {
	select {
	case said := <-p.answers:
		p.answers <- said
		if said.err != nil {
			return said.err
		}
	default:
	}
	return fmt.Errorf("publish: %w", err)
}

// finish ends the publishing and returns how many events the server says it took.
func (p *publisher) finish() (int64, error) {
	defer p.conn.Close()
	if err := p.conn.SetDeadline(time.Now().Add(blockedAfter)); err != nil {
		return 0, fmt.Errorf("publish: %w", err)
	}
	end := "0\r\n\r\n"
	if p.target.Pipelined { // a last request, so that the server closes the connection behind all answers
		end = "GET " + p.target.Ping + " HTTP/1.1\r\nHost: " + p.target.Addr + "\r\nConnection: close\r\n\r\n"
	}
	if _, err := p.conn.Write([]byte(end)); err != nil {
		return 0, p.reason(err)
	}
	said := <-p.answers
	return said.count, said.err
}

// readAnswers reads until the one answer of a streamed request, or until there are no more.
func (p *publisher) readAnswers() (a answers) {
	in := bufio.NewReader(p.conn)
	for {
		response, err := http.ReadResponse(in, nil)
		if err != nil {
			if p.target.Pipelined {
				return answers{a.count - 1, nil} // without the last request's; the count tells what is missing
			}
			return answers{0, fmt.Errorf("publish: read the answer: %w", err)}
		}
		body, err := io.ReadAll(response.Body)
		_ = response.Body.Close() // the connection is ours to close
		if err != nil || response.StatusCode/100 != 2 {
			return answers{a.count, fmt.Errorf("publish: %s: %s", response.Status, strings.TrimSpace(string(body)))}
		}
		if !p.target.Pipelined {
			var took struct{ Count int64 }
			err := json.Unmarshal(body, &took)
			return answers{took.Count, err}
		}
		a.count++
	}
}
