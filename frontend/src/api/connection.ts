// How requests go to the server. Every refusal becomes an ApiError with a sentence.
import { strings } from '../strings/en';
import { parseProblem } from '../wire/problem';
import { ApiError } from './error';

type Method = 'GET' | 'POST' | 'PUT' | 'DELETE';

/** One of the server's doors, and how to ask there. */
export class Connection {
  protected readonly base: string;
  protected readonly key: string;
  protected readonly fetch: typeof fetch;

  constructor(
    door: { base: string; key: string },
    fetcher: typeof fetch = (input, init) => fetch(input, init),
  ) {
    this.base = door.base;
    this.key = door.key;
    this.fetch = fetcher;
  }

  protected headers(): Record<string, string> {
    return this.key === '' ? {} : { 'X-Tickertape-Key': this.key };
  }

  protected async askJson(method: Method, path: string, body?: unknown): Promise<unknown> {
    const text = await this.ask(method, path, body);
    const value: unknown = JSON.parse(text);
    return value;
  }

  protected async ask(method: Method, path: string, body?: unknown): Promise<string> {
    return read((await this.open(method, path, body)).text());
  }

  /** An answer that is no refusal, its body still to be read. An abort rejects with an AbortError. */
  protected async open(
    method: Method,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
    signal?: AbortSignal,
    /** Whether it is sent all the same when the page goes away. */
    keepalive = false,
  ): Promise<Response> {
    Object.assign(headers, this.headers());
    const init: RequestInit = { method, headers, keepalive };
    if (signal !== undefined) init.signal = signal;
    if (body !== undefined) {
      // A text is a file as it is.
      headers['Content-Type'] = typeof body === 'string' ? 'text/plain' : 'application/json';
      init.body = typeof body === 'string' ? body : JSON.stringify(body);
    }
    const coming = this.fetch(this.base + path, init);
    const response = await coming.catch((error: unknown) => {
      throw signal?.aborted === true ? error : new ApiError(0, strings.faults.noAnswer);
    });
    if (response.ok) return response;
    const problem = parseProblem(response.status, await read(response.text()));
    throw new ApiError(
      problem.status,
      problem.detail || strings.faults.refused(problem.status),
      problem.errors,
      problem.position,
    );
  }
}

/** What comes from the network; that it doesn't come is said in a sentence. */
export async function read<T>(coming: Promise<T>): Promise<T> {
  try {
    return await coming;
  } catch {
    throw new ApiError(0, strings.faults.noAnswer);
  }
}

/** The lines of an answer as they come. */
export async function* linesOf(response: Response): AsyncGenerator<string> {
  if (response.body === null) return;
  let rest = '';
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    const lines = (rest + value).split('\n');
    rest = lines.pop() ?? '';
    yield* lines;
  }
}
