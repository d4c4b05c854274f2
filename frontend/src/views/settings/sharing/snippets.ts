// Programs that read the front door, ready to be copied. Each is run against it by build/e2e.

export interface Snippet {
  id: 'curl' | 'javascript' | 'python' | 'go' | 'tickertape';
  code: string;
}

/**
 * door is the front door's address, with a slash at its end. With a token they read from another computer; the browser's
 * EventSource can't send one in a header.
 */
export function snippets(door: string, token: string): Snippet[] {
  const stream = `${door}event_stream`;
  return [
    { id: 'curl', code: `curl -N ${token === '' ? '' : `-H 'Authorization: Bearer ${token}' `}${stream}` },
    { id: 'javascript', code: javascript(door, stream, token) },
    { id: 'python', code: python(stream, token) },
    { id: 'go', code: go(stream, token) },
    {
      id: 'tickertape',
      code: `tickertape listen ${token === '' ? '' : `--header 'Authorization: Bearer ${token}' `}${stream}`,
    },
  ];
}

function javascript(door: string, stream: string, token: string): string {
  if (token !== '') {
    return `// Node 18 or newer: node read.mjs
const answer = await fetch('${stream}?format=json', {
  headers: { Authorization: 'Bearer ${token}' },
});
for await (const text of answer.body.pipeThrough(new TextDecoderStream())) {
  process.stdout.write(text);
}`;
  }
  return `// Open ${door} in a browser, and paste this into its console.
const source = new EventSource('${stream}?format=json');
source.onopen = () => console.log('Connection established.');
source.onmessage = (message) => console.log(JSON.parse(message.data));`;
}

function python(stream: string, token: string): string {
  const headers = token === '' ? '' : `, headers={'Authorization': 'Bearer ${token}'}`;
  return `import requests  # pip install requests

with requests.get('${stream}'${headers}, stream=True) as answer:
    for line in answer.iter_lines(decode_unicode=True):
        print(line, flush=True)`;
}

function go(stream: string, token: string): string {
  const ask =
    token === ''
      ? `	resp, err := http.Get("${stream}")`
      : `	req, _ := http.NewRequest("GET", "${stream}", nil)
	req.Header.Set("Authorization", "Bearer ${token}")
	resp, err := http.DefaultClient.Do(req)`;
  return `package main

import (
	"bufio"
	"fmt"
	"log"
	"net/http"
)

func main() {
${ask}
	if err != nil {
		log.Fatal(err)
	}
	defer resp.Body.Close()
	lines := bufio.NewScanner(resp.Body)
	lines.Buffer(nil, 8<<20)
	for lines.Scan() {
		fmt.Println(lines.Text())
	}
}`;
}
