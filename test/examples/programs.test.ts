import { execFile, spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { access, chmod, constants, mkdir, readFile, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { Server } from 'node-osc';
import t, { type Test } from 'tap';
import { emptyFolder } from '../support/folder.ts';
import { startLive, type LiveProgram } from '../support/live-program.ts';
import { missing } from './support/missing.ts';

/* The programs of examples/ on a real show with the built-in pictures. */

const EXAMPLES = fileURLToPath(new URL('../../examples', import.meta.url));
const PYTHON = '/usr/bin/python3';
const run = promisify(execFile);

/** An address and its arguments. */
type OscMessage = readonly [string, ...unknown[]];

async function freePort(): Promise<number> {
  const socket = createSocket('udp4').bind(0, '127.0.0.1');
  await once(socket, 'listening');
  const { port } = socket.address();
  await new Promise<void>((resolve) => socket.close(resolve));
  return port;
}

/** Resolves once a program has printed a line for each of these, in any order; it is ended then. */
async function prints(
  t: Test,
  program: string,
  args: readonly string[],
  lines: readonly RegExp[],
): Promise<void> {
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  t.teardown(() => child.kill());
  const missing = new Set(lines);
  for await (const line of createInterface({ input: child.stdout })) {
    for (const expected of missing) if (expected.test(line)) missing.delete(expected);
    if (missing.size === 0) break;
  }
  child.kill();
  t.strictSame([...missing], []);
}

const PICTURE = /^[0-9a-f]{16} valence \d\.\d\d arousal \d\.\d\d$/;

const noWebsockets = await missing('python3-websockets', PYTHON, '-c', 'import websockets');
const noSocketIo = await missing('python3-socketio', PYTHON, '-c', 'import socketio, aiohttp');
const noPython = await missing('python3', PYTHON, '--version');
const noSystemd = await run('systemd-analyze', ['--version']).then(
  () => false as const,
  () => 'systemd is not installed',
);

t.test('programs of examples', { timeout: 240_000 }, async (t) => {
  const folder = emptyFolder(t);
  const [oscOut, oscIn] = [await freePort(), await freePort()];
  const heard: OscMessage[] = [];
  const receiver = new Server(oscOut, '127.0.0.1');
  t.teardown(() => receiver.close());
  receiver.on('message', (message) => heard.push(message as unknown as OscMessage));
  const live = await startLive(
    t,
    ...['--demo', '--port', '0', '--threads', '1', '--state', join(folder, 'show.json')],
    ...['--osc-to', `127.0.0.1:${oscOut}`, '--osc-at', String(oscIn)],
  );
  await python(t, live);
  await osc(t, live, heard);
  await machines(t, live, folder);
});

async function python(t: Test, { port }: LiveProgram): Promise<void> {
  await t.test('Python with websockets', { skip: noWebsockets }, async (t) => {
    const script = join(EXAMPLES, 'python', 'display_websockets.py');
    await prints(t, PYTHON, [script, `ws://127.0.0.1:${port}`], [PICTURE, /^next: done$/]);
  });
  await t.test('Python with python-socketio', { skip: noSocketIo }, async (t) => {
    const script = join(EXAMPLES, 'python', 'display_socketio.py');
    const lines = [PICTURE, /^hello: may control$/, /^next: done$/];
    await prints(t, PYTHON, [script, `http://127.0.0.1:${port}`], lines);
  });
}

async function osc(t: Test, live: LiveProgram, heard: readonly OscMessage[]): Promise<void> {
  const newest = (name: string) => heard.findLast(([address]) => address === `/synesthete/${name}`);
  const comes = async (name: string, isIt: (args: readonly unknown[]) => boolean = () => true) => {
    for (;;) {
      const [, ...args] = newest(name) ?? [];
      if (newest(name) !== undefined && isIt(args)) return args;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  };

  await t.test('OSC: what Processing and TouchDesigner hear is sent, in that form', async (t) => {
    const [valence, arousal, confidence, ...noMore] = await comes('mood', ([, , known]) => Number(known) > 0);
    for (const value of [valence, arousal, confidence]) t.ok(Number(value) >= 0 && Number(value) <= 1);
    t.strictSame(noMore, []);
    t.match(await comes('level'), [Number]);
    t.match(await comes('onset'), [1]);
    await live.control({ control: 'blackout', on: true });
    t.strictSame(await comes('state', ([state]) => state === 'blackout'), ['blackout']);
    await live.control({ control: 'blackout', on: false });
    const [id, path, crossfade, ...rest] = await comes('picture');
    t.match(id, /^[0-9a-f]{16}$/);
    await access(path as string, constants.R_OK);
    t.match(path, /\.jpg$/, 'Processing tells the format by the name');
    t.type(crossfade, 'number');
    t.strictSame(rest, []);
    const sent = new Set(heard.map(([address]) => address));
    for (const file of ['processing.pde', 'touchdesigner_callbacks.py']) {
      const code = await readFile(join(EXAMPLES, 'osc', file), 'utf8');
      const named = [...code.matchAll(/(?:checkAddrPattern\(|address == )"([^"]+)"/g)].map(
        ([, name]) => name!,
      );
      t.ok(named.length > 3);
      for (const address of named) t.ok(sent.has(address), `${file}: ${address}`);
    }
  });

  await t.test('OSC: the callbacks of TouchDesigner take what is sent', { skip: noPython }, async (t) => {
    // Taken once: the show goes on sending.
    const messages = ['mood', 'level', 'onset', 'state', 'picture'].map((name) => newest(name)!);
    const [, ...mood] = messages[0]!;
    const [, , path] = messages.at(-1)!;
    const harness = `
import json, sys
from types import SimpleNamespace as N
sys.path.insert(0, sys.argv[1])
sys.dont_write_bytecode = True
from touchdesigner_callbacks import onReceiveOSC
operators = {'picture': N(par=N()), 'show': N(par=N())}
dat = N(parent=lambda: N(op=operators.get))
for address, *args in json.loads(sys.argv[2]):
    onReceiveOSC(dat, 0, '', b'', 0, address, args, None)
print(json.dumps([vars(operators['picture'].par), vars(operators['show'].par)]))
`;
    const osc = join(EXAMPLES, 'osc');
    const { stdout } = await run(PYTHON, ['-c', harness, osc, JSON.stringify(messages)]);
    t.match(JSON.parse(stdout), [{ file: path }, { value0: mood[0], value1: mood[1], value2: mood[2] }]);
  });
}

async function machines(t: Test, live: LiveProgram, folder: string): Promise<void> {
  await t.test('the kiosk waits for the show and opens its display', async (t) => {
    const bin = join(folder, 'bin');
    await mkdir(bin);
    // In place of the browser: says what it was asked for, and ends.
    await writeFile(join(bin, 'chromium'), '#!/bin/sh\nprintf "%s\\n" "$@"\n');
    await chmod(join(bin, 'chromium'), 0o755);
    const env = { ...process.env, PATH: `${bin}${delimiter}${process.env['PATH']}`, KIOSK_ONCE: '1' };
    const kiosk = join(EXAMPLES, 'raspberry-pi', 'kiosk.sh');
    const { stdout } = await run(kiosk, [live.origin, '2'], { env, timeout: 120_000 });
    const args = stdout.trim().split('\n');
    t.ok(args.includes('--kiosk'));
    const display = new URL(args.at(-1)!);
    t.equal(display.origin, live.origin);
    t.match(await (await fetch(display)).text(), /<html/);
    t.equal(display.searchParams.get('group'), '2');
    await run('grep', ['-q', '^Exec=.*kiosk.sh', join(EXAMPLES, 'raspberry-pi', 'synesthete-kiosk.desktop')]);
  });

  await t.test('the health check of the container tells whether the show is there', async (t) => {
    const health = join(EXAMPLES, 'container', 'health.mjs');
    const ask = (port: number) =>
      run(process.execPath, [health], { env: { ...process.env, PORT: String(port) } });
    await ask(live.port);
    await t.rejects(ask(await freePort()));
  });

  await t.test('the container has what it copies, runs as no root, and checks its health', async (t) => {
    const container = join(EXAMPLES, 'container');
    const text = await readFile(join(container, 'Containerfile'), 'utf8');
    const [, copied = ''] = /^COPY (.*) \/opt\/synesthete\/$/m.exec(text) ?? [];
    const made = 'synesthete.tgz'; // by npm pack
    for (const file of copied.split(' ').filter((name) => name !== made)) await access(join(container, file));
    t.match(text, /^USER node$/m);
    t.match(text, /^HEALTHCHECK .*health\.mjs/m);
    await run('sh', ['-n', join(container, 'install.sh')]);
  });

  await t.test('systemd understands the unit', { skip: noSystemd }, async (t) => {
    const unit = await readFile(join(EXAMPLES, 'systemd', 'synesthete.service'), 'utf8');
    const [, command = ''] = /^ExecStart=(\S+)/m.exec(unit) ?? [];
    t.match(command, /\/synesthete$/);
    // The program is not installed there on this machine.
    const path = join(folder, 'synesthete.service');
    await writeFile(path, unit.replace(command, process.execPath));
    const { stderr } = await run('systemd-analyze', ['verify', path]);
    t.equal(stderr, '');
  });
}
