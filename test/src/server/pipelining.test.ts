import { once } from 'node:events';
import { readdirSync, readlinkSync, writeFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import t, { type Test } from 'tap';
import type { GalleryPage } from '../../../src/server/index.ts';
import { Client } from './support/client.ts';
import { stateOf } from './support/fake-show.ts';
import { serve, type Served } from './support/serve.ts';

const PICTURES = 'api/pictures/big';

/** A server with a picture that no socket takes at once. */
async function servedBig(t: Test): Promise<Served & { picture: string }> {
  const folder = t.testdir({ pages: { 'index.html': '' } });
  const picture = join(folder, 'big.webp');
  writeFileSync(picture, Buffer.alloc(16 * 2 ** 20));
  writeFileSync(join(folder, 'pages', 'big.js'), Buffer.alloc(16 * 2 ** 20));
  const served = await serve(t, { staticFolder: join(folder, 'pages') });
  served.show.addPicture('big', picture);
  return { ...served, picture: folder };
}

/** How many files at or below the path this process has open. */
function openFiles(path: string): number {
  return readdirSync('/proc/self/fd').filter((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`).startsWith(path);
    } catch {
      return false; // closed since
    }
  }).length;
}

async function opened(port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  return socket;
}

function requests(path: string, times: number, headers = ''): string {
  return `GET /${path} HTTP/1.1\r\nHost: localhost\r\n${headers}\r\n`.repeat(times);
}

async function becomes(holds: () => boolean): Promise<boolean> {
  for (let i = 0; i < 100 && !holds(); i++) await delay(20);
  return holds();
}

t.test(
  'who asks for many files on one connection and leaves keeps none of them open',
  { skip: process.platform === 'linux' ? false : 'open files are counted in /proc' },
  async (t) => {
    const { server, picture } = await servedBig(t);
    const upgrade = 'Connection: Upgrade\r\nUpgrade: websocket\r\n';
    const handshake = `${upgrade}Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==\r\n`;
    for (const sent of [
      requests(PICTURES, 200),
      requests('api/thumbnails/big', 200),
      requests('big.js', 200),
      requests(PICTURES, 20) + requests('stream', 1, handshake),
      requests(PICTURES, 20) + requests('healthz', 1, 'Connection: Upgrade\r\nUpgrade: h2c\r\n'),
    ]) {
      const socket = await opened(server.port);
      socket.write(sent);
      await delay(200);
      t.ok(openFiles(picture) <= 1, `${openFiles(picture)} are open at a time`);
      socket.destroy();
      t.ok(await becomes(() => openFiles(picture) === 0), `${openFiles(picture)} stay open`);
    }
  },
);

t.test('a connection has one request in work, whatever it sends', async (t) => {
  const { show, server } = await serve(t);
  let asked = 0;
  const answers: (() => void)[] = [];
  show.gallery = () => {
    asked++;
    return new Promise<GalleryPage>((resolve) =>
      answers.push(() => {
        resolve({ total: 0, revision: '0', pictures: [] });
      }),
    );
  };
  const patient = await opened(server.port);
  let heard = '';
  patient.on('data', (data: Buffer) => (heard += data.toString()));
  patient.write(requests('api/gallery', 10) + requests('healthz', 1));
  for (let i = 1; i <= 10; i++) {
    t.ok(await becomes(() => asked === i));
    await delay(5);
    t.equal(asked, i);
    answers.pop()!();
  }
  t.ok(await becomes(() => heard.includes('"ok":true')), 'all are answered in turn');
  t.equal(heard.split('HTTP/1.1 200 OK').length - 1, 11);
  patient.destroy();

  const greedy = await opened(server.port);
  greedy.resume();
  greedy.write(requests('api/gallery', 1000));
  await once(greedy, 'close');
  t.equal(asked, 11, 'too many that wait close the connection');
  const metrics = await (await fetch(`http://127.0.0.1:${server.port}/metrics`)).text();
  t.match(metrics, /clients_cut_total\{reason="too-many"\} 1/);
});

t.test('requests for the documents of the protocol stop no display', async (t) => {
  const many = 1e9;
  const { show, server, at } = await serve(t, { limits: { requestsPerSecond: many, requestsBurst: many } });
  const display = await Client.open(`ws://${at}/stream`);
  const strangers = await Promise.all(Array.from({ length: 20 }, () => opened(server.port)));
  for (const [i, stranger] of strangers.entries()) {
    stranger.resume();
    stranger.write(requests(i % 2 === 0 ? 'asyncapi.json' : 'schema.json', 500));
  }
  let longestMs = 0;
  for (let seq = 0; seq < 30; seq++) {
    const beganMs = performance.now();
    await delay(10);
    show.states.next(stateOf('a', [], seq));
    await display.state(seq);
    longestMs = Math.max(longestMs, performance.now() - beganMs);
  }
  t.ok(longestMs < 2000, `the longest wait was ${longestMs.toFixed()} ms`);
  for (const stranger of strangers) stranger.destroy();
});

t.test('an unknown protocol in Upgrade is ignored, and the request is answered', async (t) => {
  const { show, server } = await serve(t);
  const ask = async (request: string, until: (heard: string) => boolean) => {
    const socket = await opened(server.port);
    let heard = '';
    socket.on('data', (data: Buffer) => (heard += data.toString()));
    socket.write(request);
    await becomes(() => until(heard));
    socket.destroy();
    return heard;
  };
  const h2c = 'Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n';
  const answers = (count: number) => (heard: string) => heard.split('"ok":true').length > count;
  const twice = await ask(requests('healthz', 1, h2c) + requests('healthz', 1), answers(2));
  t.equal(twice.split('HTTP/1.1 200 OK').length - 1, 2, 'and those that follow');
  t.notMatch(twice, /^upgrade:/im);
  const last = await ask(requests('healthz', 1) + requests('healthz', 1, h2c), answers(2));
  t.equal(last.split('HTTP/1.1 200 OK').length - 1, 2, 'and those before it');

  const body = '{"control":"hold","on":true}';
  const control =
    `POST /api/control HTTP/1.1\r\nHost: localhost\r\n${h2c}Content-Type: application/json\r\n` +
    `Content-Length: ${body.length}\r\n\r\n${body}`;
  t.match(await ask(control, answers(1)), /^HTTP\/1\.1 200 OK/);
  const chunked = control
    .replace(/Content-Length: \d+/, 'Transfer-Encoding: chunked')
    .replace(body, `${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`);
  t.match(await ask(chunked, answers(1)), /^HTTP\/1\.1 200 OK/);
  t.equal(show.asked.length, 2);
  const closing = h2c.replace('Upgrade,', 'Upgrade, close,');
  t.match(await ask(requests('healthz', 1, closing), answers(1)), /^connection: close/im);

  const polling = requests('socket.io/?EIO=4&transport=polling', 1, h2c);
  t.match(await ask(polling, (heard) => heard.includes('sid')), /^HTTP\/1\.1 200 OK/);
  const evil = requests('healthz', 1, h2c).replace('localhost', 'evil.example');
  t.match(await ask(evil, (heard) => heard !== ''), /^HTTP\/1\.1 403 /, 'by the same rules as others');
  t.match(await ask(requests('stream', 1, h2c), (heard) => heard !== ''), /^HTTP\/1\.1 404 /);
});
