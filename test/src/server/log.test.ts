import { connect } from 'node:net';
import { once } from 'node:events';
import t from 'tap';
import { serve } from './support/serve.ts';
import { createQuietLog } from '../../../src/server/quiet-log.ts';

t.test('what fails again and again is logged once a minute for each kind, and counted', (t) => {
  let nowMs = 0;
  const lines: string[] = [];
  const counted: string[] = [];
  const log = createQuietLog(
    (line) => lines.push(line),
    (kind) => counted.push(kind),
    () => nowMs,
  );
  for (let i = 0; i < 1000; i++) log('a kind', `failure ${i}`);
  log('another', 'it\nforges: a line');
  nowMs += 59_000;
  log('a kind', 'failure 1000');
  nowMs += 2000;
  log('a kind', 'failure 1001');
  t.strictSame(lines, [
    'failure 0',
    'it forges: a line',
    'failure 1001 (1000 more like it since the last line)',
  ]);
  t.equal(counted.length, 1003);
  t.end();
});

t.test('a stranger whose requests fail does not fill the log', async (t) => {
  const { show, at, server, log } = await serve(t);
  show.devices = () => Promise.reject(new Error('a fault'));
  for (let i = 0; i < 50; i++) t.equal((await fetch(`http://${at}/api/devices`)).status, 500);
  t.strictSame(log, ['GET /api/devices failed: Error: a fault']);
  const leave = async () => {
    const socket = connect(server.port, '127.0.0.1');
    socket.on('error', () => undefined);
    await once(socket, 'connect');
    const head = 'POST /api/control HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n';
    socket.write(`${head}Content-Length: 100\r\n\r\n{`, () => socket.destroy());
    await once(socket, 'close');
  };
  for (let i = 0; i < 20; i++) await leave();
  const metrics = await (await fetch(`http://${at}/metrics`)).text();
  t.match(metrics, /^synesthete_failures_total\{kind="GET \/api\/devices"\} 50$/m);
  t.strictSame(log.length, 1, 'who leaves in the middle of a request is no failure of the server');
});
