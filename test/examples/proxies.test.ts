import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { request, type RequestOptions } from 'node:https';
import type { IncomingMessage } from 'node:http';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import sharp from 'sharp';
import { io } from 'socket.io-client';
import t, { type Test } from 'tap';
import { ShowServer, type ShowMessage } from '../../src/server/index.ts';
import { Client, refusedWith } from '../src/server/support/client.ts';
import { FakeShow, stateOf } from '../src/server/support/fake-show.ts';
import { emptyFolder } from '../support/folder.ts';
import { launchBrowser, open } from '../web-client/support/browser.ts';
import { missing } from './support/missing.ts';

/* The configurations of examples/proxy, with other ports and a certificate of their own, before a server. */

const PROXY = fileURLToPath(new URL('../../examples/proxy', import.meta.url));
const WEB_CLIENT = fileURLToPath(new URL('../../dist/web-client', import.meta.url));
const HOST = 'localhost';
/** Trusts no authority, since there is none. */
const TLS = { rejectUnauthorized: false };
/** Another address of this machine than that of the proxy: its client. */
const CLIENT_ADDRESS = '127.0.0.2';
const run = promisify(execFile);

interface Proxied {
  readonly server: ShowServer;
  readonly publicUrl: string;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
}

/** A show behind a proxy that `start` starts. */
async function behind(
  t: Test,
  start: (port: number, upstream: number, folder: string) => Promise<[string, string[], NodeJS.ProcessEnv?]>,
): Promise<Proxied> {
  const port = await freePort();
  const publicUrl = `https://${HOST}:${port}/visuals/`;
  const show = new FakeShow();
  const folder = emptyFolder(t);
  const picture = join(folder, 'a.webp');
  await sharp({ create: { width: 4, height: 3, channels: 3, background: 'teal' } })
    .webp()
    .toFile(picture);
  show.addPicture('a', picture);
  const server = await ShowServer.open({
    ...{ show, publicUrl, trustedProxies: ['127.0.0.1'] },
    ...{ port: 0, version: '0', staticFolder: WEB_CLIENT },
  });
  t.teardown(() => server.close());
  show.states.next(stateOf('a'));
  const [program, args, env] = await start(port, server.port, folder);
  const proxy = spawn(program, args, {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...process.env, ...env },
  });
  let said = '';
  proxy.stderr.on('data', (data: Buffer) => (said += data.toString()));
  const exited = once(proxy, 'exit');
  t.teardown(async () => {
    proxy.kill();
    await exited;
  });
  for (let i = 0; ; i++) {
    try {
      await ask(`${publicUrl}healthz`);
      break;
    } catch (error) {
      if (i === 200 || proxy.exitCode !== null)
        throw new Error(`the proxy does not answer: ${said}`, { cause: error });
      await delay(50);
    }
  }
  return { server, publicUrl };
}

async function ask(
  url: string,
  headers: Record<string, string> = {},
  body?: string,
  more: RequestOptions = {},
) {
  const method = body === undefined ? 'GET' : 'POST';
  const sent = request(url, { ...TLS, method, headers, agent: false, ...more }).end(body);
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  let text = '';
  for await (const piece of response as AsyncIterable<Buffer>) text += piece.toString();
  return { status: response.statusCode!, location: response.headers.location, text };
}

/** All that a browser, a display and an operator do, through the proxy. */
async function works(t: Test, { server, publicUrl }: Proxied): Promise<void> {
  const { origin } = new URL(publicUrl);
  const socketUrl = publicUrl.replace('https', 'wss');
  t.match(await ask(publicUrl), { status: 200, text: /console/ });
  const slash = await ask(publicUrl.slice(0, -1));
  t.match(slash.status, /^30[1278]$/);
  t.equal(new URL(slash.location!, publicUrl).href, publicUrl);

  const spoofed = { origin, 'x-forwarded-for': '127.0.0.1', forwarded: 'for=127.0.0.1' };
  const display = await Client.open(`${socketUrl}stream`, {
    ...TLS,
    headers: spoofed,
    localAddress: CLIENT_ADDRESS,
  });
  const { show } = await display.state(0);
  t.match(await ask(new URL(show.image!.url, publicUrl).href), { status: 200, text: /^RIFF/ });
  const evil = { ...TLS, headers: { origin: 'https://evil.example' } };
  t.equal(await refusedWith(`${socketUrl}stream`, evil), 403);

  const json = { origin, 'content-type': 'application/json' };
  t.match(await ask(`${publicUrl}api/control`, { ...json, ...spoofed }, '{"control":"next"}'), {
    status: 401,
  });
  const authorised = { ...json, authorization: `Bearer ${server.token!}` };
  t.match(await ask(`${publicUrl}api/control`, authorised, '{"control":"next"}'), { status: 200 });
  const { clients } = JSON.parse((await ask(`${publicUrl}api/clients`, authorised)).text) as {
    clients: unknown[];
  };
  t.match(clients, [{ address: CLIENT_ADDRESS, proxied: true, control: false }]);
  display.socket.terminate();

  const { servers } = JSON.parse((await ask(`${publicUrl}asyncapi.json`)).text) as { servers: unknown };
  t.strictSame(servers, { show: { host: new URL(publicUrl).host, protocol: 'wss', pathname: '/visuals' } });

  for (const transport of ['polling', 'websocket'] as const) {
    const socket = io(origin, {
      ...TLS,
      path: '/visuals/socket.io/',
      transports: [transport],
      forceNew: true,
    });
    const message = await new Promise<ShowMessage>((resolve) => socket.on('show', resolve));
    t.equal(message.show.image?.id, 'a', transport);
    socket.close();
  }

  const browser = await launchBrowser(t, ['--ignore-certificate-errors']);
  if (browser === undefined) return;
  const desk = await open(t, browser, `${publicUrl}#token=${server.token!}`);
  await desk.waitForFunction(
    `document.querySelector('#on-show img')?.src.includes('/visuals/api/pictures/a')`,
  );
  t.equal(await desk.evaluate(`document.querySelector('nav a').href`), `${publicUrl}display`);
  const asked: string[] = [];
  const screen = await open(t, browser, 'about:blank');
  screen.on('request', (request) => asked.push(request.url()));
  await screen.goto(`${publicUrl}display`);
  await screen.waitForRequest((request) => request.url() === `${publicUrl}api/pictures/a`);
  t.strictSame(
    asked.filter((url) => url.startsWith('http') && !url.startsWith(publicUrl)),
    [],
    'all is below the path',
  );
}

t.test(
  'nginx',
  { skip: (await missing('nginx', 'nginx', '-v')) || (await missing('openssl', 'openssl', 'version')) },
  async (t) => {
    const served = await behind(t, async (port, upstream, folder) => {
      const file = join(folder, 'nginx.conf');
      const [certificate, key] = [join(folder, 'a.pem'), join(folder, 'a.key')];
      await run('openssl', [
        ...['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', `/CN=${HOST}`],
        ...['-keyout', key, '-out', certificate],
      ]);
      const text = (await readFile(join(PROXY, 'nginx.conf'), 'utf8'))
        .replace('listen 443 ssl', `listen ${port} ssl`)
        .replace('server_name show.example.org', `server_name ${HOST}`)
        .replace('/etc/ssl/certs/show.example.org.pem', certificate)
        .replace('/etc/ssl/private/show.example.org.key', key)
        .replace('127.0.0.1:8090', `127.0.0.1:${upstream}`);
      const paths = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];
      const temporary = paths.map((name) => `${name}_temp_path ${join(folder, name)};`).join('\n');
      await writeFile(
        file,
        `daemon off;\npid ${join(folder, 'nginx.pid')};\nerror_log stderr;\nevents {}\nhttp {\naccess_log off;\n${temporary}\n${text}}\n`,
      );
      return ['nginx', ['-c', file, '-p', folder, '-e', 'stderr']];
    });
    await works(t, served);
  },
);

t.test('Caddy', { skip: await missing('caddy', 'caddy', 'version') }, async (t) => {
  const served = await behind(t, async (port, upstream, folder) => {
    const file = join(folder, 'Caddyfile');
    const text = (await readFile(join(PROXY, 'Caddyfile'), 'utf8'))
      .replace('show.example.org {', `${HOST}:${port} {\n\ttls internal`)
      .replace('127.0.0.1:8090', `127.0.0.1:${upstream}`);
    const global = '{\n\tadmin off\n\tskip_install_trust\n\tauto_https disable_redirects\n}\n';
    await writeFile(file, `${global}${text}`);
    const own = { XDG_DATA_HOME: folder, XDG_CONFIG_HOME: folder, HOME: folder };
    return ['caddy', ['run', '--config', file, '--adapter', 'caddyfile'], own];
  });
  await works(t, served);
});
