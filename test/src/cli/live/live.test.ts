import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { Server } from 'node-osc';
import t from 'tap';
import type { ShowMessage } from '../../../../src/server/index.ts';
import { startLive } from '../../../support/live-program.ts';
import { pulseAudioMissing, startPulseAudio } from '../../../streams/sources/support/pulseaudio.ts';
import { Client } from '../../server/support/client.ts';
import { pythonMissing, pythonWithWebsockets } from '../../server/support/python.ts';
import { emptyFolder } from '../../../support/folder.ts';

/* The program itself, with its bundled model and pictures. */

const FOLLOW = fileURLToPath(new URL('support/follow_live.py', import.meta.url));
const RATE = 22_050;
const SECONDS = 30;

// Removed after the programs have ended, which write to it until then.
const folder = emptyFolder(t);
const python = await pythonWithWebsockets();
const skip = (await pulseAudioMissing()) || pythonMissing(python);

t.test('PulseAudio feeds the show; a Python client and an OSC receiver follow it', { skip }, async (t) => {
  const pulse = await startPulseAudio();
  t.teardown(() => pulse.stop());
  await pulse.loadSink('hall', RATE);

  const osc = new Server(0, '127.0.0.1');
  await once(osc, 'listening');
  t.teardown(() => osc.close());
  const heard = new Map<string, unknown[][]>();
  const felt = new Promise<void>((resolve) => {
    osc.on('message', ([address, ...args]: [string, ...unknown[]]) => {
      heard.set(address, [...(heard.get(address) ?? []), args]);
      const isLoud = heard.get('/synesthete/level')?.some(([rms]) => Number(rms) > 0.01) ?? false;
      if (isLoud && (heard.get('/synesthete/picture')?.length ?? 0) > 1) resolve();
    });
  });

  const live = await startLive(
    t,
    ...['--device', 'hall.monitor', '--osc-to', `127.0.0.1:${osc.port}`],
    ...['--port', '0', '--state', join(folder, 'heard.json')],
  );
  const stereo = Float32Array.from({ length: 2 * SECONDS * RATE }, (_, i) => {
    const time = (i >> 1) / RATE;
    return 0.2 * Math.sin(2 * Math.PI * 261.63 * time) * (1 - ((2 * time) % 1));
  });
  void pulse.play('hall', RATE, stereo).catch(() => undefined);

  const follower = spawn(python!, [FOLLOW, `${live.origin.replace('http', 'ws')}/stream`], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [told] = await Promise.all([text(follower.stdout), felt]);
  t.match(JSON.parse(told), { first: /^[0-9a-f]{16}$/, reply: { type: 'reply', ok: true, ref: 7 } });
  const { first, next, rms, confidence } = JSON.parse(told) as Record<string, number | string>;
  t.not(next, first, 'the picture that was asked for is another one');
  t.ok(Number(rms) > 0.01, 'the sound is heard');
  t.ok(Number(confidence) > 0, 'and felt');
  t.ok(
    heard.get('/synesthete/picture')!.some(([id]) => id === next),
    'the OSC receiver gets the same picture',
  );
  t.match(await live.state(), { status: { source: { state: 'delivering' } } });
});

t.test('a second show with the same state has its own, and leaves that of the first alone', async (t) => {
  const file = join(folder, 'shared.json');
  const args = ['--demo', '--port', '0', '--state', file];
  const first = await startLive(t, ...args);
  await first.control({ control: 'blackout', on: true });
  const second = await startLive(t, ...args);
  t.not((await second.state()).message.show.state, 'blackout');
  t.match(JSON.parse(await readFile(`${file}.lock`, 'utf8')), { port: first.port });
  await second.end('SIGKILL');
  await first.end('SIGKILL');
  const again = await startLive(t, ...args);
  t.equal((await again.state()).message.show.state, 'blackout', 'the first one comes back as it was');
});

t.test('killed and started again, the show goes on where it was', async (t) => {
  const args = ['--demo', '--port', '0', '--state', join(folder, 'killed.json')];
  const before = await startLive(t, ...args);
  await before.control({ control: 'next' });
  await before.control({ control: 'hold', on: true });
  await before.control({ control: 'smoothing', seconds: 5 });
  const { image } = (await before.state()).message.show;
  // What is kept is written within a moment, not at once.
  const kept = async (): Promise<boolean> => {
    const state = await readFile(join(folder, 'killed.json'), 'utf8').catch(() => '');
    return /"hold":\s*true/.test(state) && /"smoothingSeconds":\s*5\b/.test(state);
  };
  for (let waits = 0; waits < 100 && !(await kept()); waits++) {
    await new Promise((resolve) => setTimeout(resolve, 300));
  }
  await before.end('SIGKILL');

  const after = await startLive(t, ...args);
  t.match(await after.state(), {
    message: { show: { image: { id: image.id }, state: 'hold' } },
    status: { hold: true, settings: { smoothingSeconds: 5 } },
  });
});

t.test('what a program sends to /sound is heard, and groups of displays show other pictures', async (t) => {
  const live = await startLive(t, '--browser', '--port', '0', '--state', join(folder, 'browser.json'));
  t.match((await live.state()).status.source, { name: 'browser', state: 'lost' });
  const address = live.origin.replace('http', 'ws');
  const program = await Client.open(`${address}/sound`);
  program.send({ type: 'sound', encoding: 'f32le', rate: RATE, channels: 1, name: 'a test' });
  const display = await Client.open(`${address}/stream`);
  const side = await Client.open(`${address}/stream?group=7`);
  const tone = Float32Array.from(
    { length: RATE / 10 },
    (_, i) => 0.3 * Math.sin((2 * Math.PI * 440 * i) / RATE),
  );
  const sending = setInterval(() => {
    program.socket.send(Buffer.from(tone.buffer));
  }, 100);
  t.teardown(() => {
    clearInterval(sending);
  });
  const felt = ({ mood }: Record<string, unknown>) =>
    mood !== undefined && (mood as { confidence: number }).confidence > 0;
  const { level } = await display.message<{ level: { rms: number } }>(felt);
  t.ok(level.rms > 0.1);
  t.match((await live.state()).status.source, { name: 'browser', state: 'delivering' });
  // Of one moment: what one group shows may come to the other later.
  const main = await display.message<ShowMessage>(felt);
  const other = await side.message<ShowMessage>(({ time }) => time === main.time);
  t.not(main.show.image!.id, other.show.image!.id);
});
