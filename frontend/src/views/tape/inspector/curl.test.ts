import { expect, it } from 'vitest';
import { curlFor } from './curl';

it('asks the front door for the event', () => {
  expect(curlFor({ url: 'http://127.0.0.1:5000/' }, 'ab-7')).toBe('curl http://127.0.0.1:5000/events/ab-7');
});

it('trusts the certificate that the door has made for itself, in whichever folder', () => {
  const door = { url: 'https://127.0.0.1:5000', certificate: "/home/o'neil/my data/cert.pem" };
  expect(curlFor(door, 'ab-7')).toBe(
    String.raw`curl --cacert '/home/o'\''neil/my data/cert.pem' https://127.0.0.1:5000/events/ab-7`,
  );
});
