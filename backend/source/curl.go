package source

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"net/url"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// isCurl reports whether the text is a curl command line.
func isCurl(text string) bool {
	name, _, more := strings.Cut(withoutPrompt(text), " ")
	return more && (name == "curl" || name == "curl.exe")
}

func withoutPrompt(text string) string {
	text = strings.TrimSpace(text)
	for _, prompt := range []string{"$ ", "# ", "% ", "> "} {
		text = strings.TrimPrefix(text, prompt)
	}
	return strings.TrimSpace(text)
}

// curlFeed is the feed that a curl command line asks for: its URL, method,
// headers, body and credentials, over what base has. What a browser adds by
// itself to each request is left out.
func curlFeed(command string, base Feed) (Feed, error) {
	words := shellWords(withoutPrompt(command))
	c := curl{feed: base.Clone()}
	if c.feed.Headers == nil {
		c.feed.Headers = map[string]string{}
	}
	for words = words[min(1, len(words)):]; len(words) > 0; {
		word := words[0]
		words = words[1:]
		switch {
		case strings.HasPrefix(word, "--") && len(word) > 2:
			words = c.long(word[2:], words)
		case strings.HasPrefix(word, "-") && len(word) > 1 && word != "--":
			words = c.short(word[1:], words)
		case word != "--" && c.feed.URL == "":
			c.feed.URL = word
		}
	}
	return c.result()
}

// curl is a command line on its way to a feed.
type curl struct {
	feed     Feed
	data     []string
	isData   bool
	isJSON   bool
	get      bool // data goes into the URL
	upgrades bool // to a WebSocket
	problem  string

	proxyUser string // and the password
}

// curlShort are the one-letter options that take a value, and their long names
// where we know what to do with it.
var curlShort = map[byte]string{
	'H': "header", 'X': "request", 'd': "data", 'u': "user", 'b': "cookie", 'A': "user-agent", 'e': "referer", 'x': "proxy", 'F': "form", 'T': "upload-file",
	'o': "output", 'm': "max-time", 'w': "write-out", 'c': "cookie-jar", 'K': "config", 'E': "cert", 'r': "range", 'C': "continue-at", 'D': "dump-header",
	'P': "ftp-port", 'Q': "quote", 't': "telnet-option", 'U': "proxy-user", 'y': "speed-time", 'Y': "speed-limit", 'z': "time-cond",
}

// curlLong are long options that take a value, besides those in curlShort.
var curlLong = regexp.MustCompile(`^(data-(raw|binary|ascii|urlencode)|json|url(-query)?|oauth2-bearer|cacert|capath|form-string|connect-timeout|retry(-delay|-max-time)?|` +
	`max-(redirs|filesize)|limit-rate|interface|resolve|connect-to|key(-type)?|cert-type|pass|ciphers|tls13-ciphers|tls-max|proto(-default|-redir)?|` +
	`dns-servers|local-port|noproxy|unix-socket|abstract-unix-socket|keepalive-time|socks(4a?|5|5-hostname)|proxy-header|proxy1\.0|preproxy|` +
	`stderr|trace(-ascii)?|request-target|rate|expect100-timeout|happy-eyeballs-timeout-ms|aws-sigv4|variable|output-dir|curves|doh-url|service-name)$`)

// short reads a cluster of one-letter options.
func (c *curl) short(cluster string, words []string) []string {
	for i := range len(cluster) {
		name, takes := curlShort[cluster[i]]
		if !takes {
			c.flag(map[byte]string{'k': "insecure", 'G': "get", 'I': "head", '4': "ipv4", '6': "ipv6"}[cluster[i]])
			continue
		}
		value := cluster[i+1:]
		if value == "" && len(words) > 0 {
			value, words = words[0], words[1:]
		}
		c.option(name, value)
		break
	}
	return words
}

func (c *curl) long(name string, words []string) []string {
	takes := curlLong.MatchString(name)
	for _, known := range curlShort {
		takes = takes || known == name
	}
	switch {
	case !takes:
		c.flag(name)
	case len(words) > 0:
		c.option(name, words[0])
		words = words[1:]
	}
	return words
}

func (c *curl) flag(name string) {
	switch name {
	case "insecure":
		c.feed.Insecure = true
	case "ipv4":
		c.feed.IPv6 = IPv6Never
	case "ipv6":
		c.feed.IPv6 = IPv6Only
	case "get":
		c.get = true
	case "head":
		c.problem = "The curl command asks for the head of an answer only (-I)."
	}
}

func (c *curl) option(name, value string) {
	switch name {
	case "header":
		c.header(value)
	case "request":
		c.feed.Method = strings.ToUpper(value)
	case "data", "data-ascii", "data-binary", "json", "data-raw", "data-urlencode":
		c.body(name, value)
	case "user":
		user, password, _ := strings.Cut(value, ":")
		c.feed.Auth = Auth{Type: AuthBasic, User: user, Secret: Secret(password)}
	case "oauth2-bearer":
		c.feed.Auth = Auth{Type: AuthBearer, Secret: Secret(value)}
	case "cookie":
		if !strings.Contains(value, "=") {
			c.problem = "The curl command reads its cookies from a file: write them into it."
		}
		c.feed.Headers["Cookie"] = value
	case "user-agent":
		c.feed.UserAgent = value
	case "referer":
		c.feed.Headers["Referer"] = strings.TrimSuffix(value, ";auto")
	case "proxy":
		if c.feed.Proxy = value; !strings.Contains(value, "://") {
			c.feed.Proxy = "http://" + value
		}
	case "proxy-user":
		c.proxyUser = value
	case "socks5", "socks5-hostname":
		c.feed.Proxy = "socks5://" + value
	case "cacert":
		setPath(&c.feed.CA, value)
	case "cert":
		setPath(&c.feed.ClientCert, value)
	case "key":
		setPath(&c.feed.ClientKey, value)
	case "connect-timeout":
		if s, err := strconv.ParseFloat(value, 64); err == nil && s >= 1 && s <= maxTimeout.Seconds() {
			c.feed.ConnectTimeout = Duration(s * float64(time.Second))
		}
	case "url":
		c.feed.URL = value
	case "form", "form-string", "upload-file":
		c.problem = "The curl command uploads a form or a file, which a feed can't."
	}
}

// setPath makes a path whole: it is relative to where the command was to run.
func setPath(to *string, path string) {
	if whole, err := filepath.Abs(path); err == nil {
		*to = whole
	}
}

// body takes data to send.
func (c *curl) body(option, value string) {
	if strings.HasPrefix(value, "@") && option != "data-raw" {
		c.problem = "The curl command sends a file (@): write what is in it into the command."
	}
	if name, text, ok := strings.Cut(value, "="); option == "data-urlencode" {
		switch {
		case !ok:
			value = url.QueryEscape(value)
		case name == "":
			value = url.QueryEscape(text)
		default:
			value = name + "=" + url.QueryEscape(text)
		}
	}
	c.isData = true
	c.isJSON = c.isJSON || option == "json"
	c.data = append(c.data, value)
}

// byItself are headers that a browser sends with every request, and what
// caches and connections need. They are none of a feed's.
var byItself = regexp.MustCompile(`^(Sec-.*|Accept-Encoding|Accept-Charset|Connection|Content-Length|Transfer-Encoding|Te|Trailer|Upgrade|Upgrade-Insecure-Requests|` +
	`Dnt|Priority|Pragma|Cache-Control|If-None-Match|If-Modified-Since|Range|Last-Event-Id|Purpose|X-Client-Data)$`)

func (c *curl) header(line string) {
	name, value, _ := strings.Cut(line, ":")
	name, value = http.CanonicalHeaderKey(strings.TrimSpace(name)), strings.TrimSpace(value)
	scheme, credentials, _ := strings.Cut(value, " ")
	switch {
	case name == "Upgrade" && strings.EqualFold(value, "websocket"):
		c.upgrades = true
	case name == "Sec-Websocket-Protocol":
		for protocol := range strings.SplitSeq(value, ",") {
			c.feed.Subprotocols = append(c.feed.Subprotocols, strings.TrimSpace(protocol))
		}
	case value == "", byItself.MatchString(name):
	case name == "User-Agent":
		c.feed.UserAgent = value
	case name == "Accept" && isAnyAccept(value):
	case name == "Authorization" && strings.EqualFold(scheme, "bearer"):
		c.feed.Auth = Auth{Type: AuthBearer, Secret: Secret(strings.TrimSpace(credentials))}
	case name == "Authorization" && strings.EqualFold(scheme, "basic"):
		c.basic(strings.TrimSpace(credentials))
	default:
		c.feed.Headers[name] = value
	}
}

// isAnyAccept reports whether an Accept header only says what a browser, or the
// driver of a kind, says anyhow.
func isAnyAccept(value string) bool {
	return strings.HasPrefix(value, "*/*") || strings.HasPrefix(value, "text/html") || value == "text/event-stream"
}

func (c *curl) basic(credentials string) {
	decoded, err := base64.StdEncoding.DecodeString(credentials)
	user, password, ok := strings.Cut(string(decoded), ":")
	if err != nil || !ok {
		c.feed.Headers["Authorization"] = "Basic " + credentials
		return
	}
	c.feed.Auth = Auth{Type: AuthBasic, User: user, Secret: Secret(password)}
}

func (c *curl) result() (Feed, error) {
	f := c.feed
	if c.problem == "" && f.URL == "" {
		c.problem = "The curl command has no URL."
	}
	if c.problem != "" {
		return Feed{}, &optionError{c.problem}
	}
	if c.isData {
		separator := "&"
		if c.isJSON {
			separator = ""
		}
		c.send(&f, strings.Join(c.data, separator))
	}
	if u, err := url.Parse(f.URL); err == nil && strings.EqualFold(f.Headers["Host"], u.Host) {
		delete(f.Headers, "Host")
	}
	if c.upgrades {
		f.URL = wsURL(f.URL)
	}
	if f.Method == http.MethodGet && f.Body == "" || f.Method == http.MethodPost && f.Body != "" {
		f.Method = "" // it is the default
	}
	if len(f.Headers) == 0 {
		f.Headers = nil
	}
	if to, err := url.Parse(f.Proxy); err == nil && c.proxyUser != "" && f.Proxy != "" {
		user, password, _ := strings.Cut(c.proxyUser, ":")
		to.User = url.UserPassword(user, password)
		f.Proxy = to.String()
	}
	return f, nil
}

// send puts the data where it goes, with the header that curl would send.
func (c *curl) send(f *Feed, data string) {
	if c.get {
		separator := "?"
		if strings.Contains(f.URL, "?") {
			separator = "&"
		}
		f.URL += separator + data
		return
	}
	f.Body = data
	for name, value := range map[string]string{
		"Content-Type": map[bool]string{true: "application/json", false: "application/x-www-form-urlencoded"}[c.isJSON],
		"Accept":       map[bool]string{true: "application/json"}[c.isJSON],
	} {
		if f.Headers[name] == "" && value != "" {
			f.Headers[name] = value
		}
	}
}

// ShellCommand writes words as a command line that a POSIX shell takes apart
// into them again.
func ShellCommand(words ...string) string {
	quoted := make([]string, len(words))
	for i, word := range words {
		if quoted[i] = word; !plainWord.MatchString(word) {
			quoted[i] = fmt.Sprintf("'%s'", strings.ReplaceAll(word, "'", `'\''`))
		}
	}
	return strings.Join(quoted, " ")
}

var plainWord = regexp.MustCompile(`^[A-Za-z0-9_@%+=:,./-]+$`)
