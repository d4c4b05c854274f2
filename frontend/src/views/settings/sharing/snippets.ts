// Programs that read the front door, ready to be copied. Each is run against it by build/e2e.

import { inShell } from '../../../wire/shell';

export interface Snippet {
  id: 'curl' | 'javascript' | 'python' | 'go' | 'tickertape';
  code: string;
}

/**
 * door is the front door's address, with a slash at its end. With a token they read from another computer; the browser's
 * EventSource can't send one in a header. certificate is a file with the certificate to trust, where it isn't one that
 * every computer trusts.
 */
export function snippets(door: string, token: string, certificate = ''): Snippet[] {
  const stream = `${door}event_stream`;
  const trusting = (flag: string) => (certificate === '' ? '' : `${flag} ${inShell(certificate)} `);
  const showing = (flag: string) => (token === '' ? '' : `${flag} 'Authorization: Bearer ${token}' `);
  return [
    { id: 'curl', code: `curl -N ${trusting('--cacert')}${showing('-H')}${stream}` },
    { id: 'javascript', code: javascript(door, stream, token, certificate) },
    { id: 'python', code: python(stream, token, certificate) },
    { id: 'go', code: go(stream, token, certificate) },
    {
      id: 'tickertape',
      code: `tickertape listen ${trusting('--ca')}${showing('--header')}${stream}`,
    },
  ];
}

function javascript(door: string, stream: string, token: string, certificate: string): string {
  if (token !== '') {
    const trusting = certificate === '' ? '' : `NODE_EXTRA_CA_CERTS=${inShell(certificate)} `;
    return `// Node 18 or newer: ${trusting}node read.mjs
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

function python(stream: string, token: string, certificate: string): string {
  const headers = token === '' ? '' : `, headers={'Authorization': 'Bearer ${token}'}`;
  const verify = certificate === '' ? '' : `, verify=${JSON.stringify(certificate)}`;
  return `import requests  # pip install requests

with requests.get('${stream}'${headers}${verify}, stream=True) as answer:
    for line in answer.iter_lines(decode_unicode=True):
        print(line, flush=True)`;
}

function go(stream: string, token: string, certificate: string): string {
  const imports = ['"bufio"', '"fmt"', '"log"', '"net/http"'];
  let client = 'http.DefaultClient';
  let trusting = '';
  if (certificate !== '') {
    imports.unshift('"crypto/tls"', '"crypto/x509"');
    imports.push('"os"');
    imports.sort();
    client = 'client';
    trusting = `	pem, err := os.ReadFile(${JSON.stringify(certificate)})
	if err != nil {
		log.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(pem)
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots}}}
`;
  }
  const showing = token === '' ? '' : `	req.Header.Set("Authorization", "Bearer ${token}")\n`;
  return `package main

import (
${imports.map((path) => `\t${path}`).join('\n')}
)

func main() {
${trusting}	req, _ := http.NewRequest("GET", "${stream}", nil)
${showing}	resp, err := ${client}.Do(req)
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
