// Programs that read the front door, ready to be copied. Each was run against it.

export interface Snippet {
  id: 'curl' | 'javascript' | 'python';
  code: string;
}

/** door is the front door's address, with a slash at its end. */
export function snippets(door: string): Snippet[] {
  const stream = `${door}event_stream`;
  return [
    { id: 'curl', code: `curl -N ${stream}` },
    {
      id: 'javascript',
      code: `// Node 18 or newer: node read.mjs
const answer = await fetch('${stream}?format=json');
for await (const frame of answer.body.pipeThrough(new TextDecoderStream())) {
  process.stdout.write(frame);
}`,
    },
    {
      id: 'python',
      code: `import requests  # pip install requests

with requests.get('${stream}', stream=True) as answer:
    for line in answer.iter_lines(decode_unicode=True):
        print(line, flush=True)`,
    },
  ];
}
