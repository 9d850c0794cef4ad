import { isIP, isIPv6 } from 'node:net';
import { InvalidArgumentError, Option, type Command } from 'commander';

/** A host and port that OSC goes to or comes in at. */
interface Endpoint {
  readonly host: string;
  readonly port: number;
}

/** What the options of `addNetworkOptions` say, as commander gives them. */
export interface NetworkOptions {
  readonly host: string;
  readonly port: number;
  readonly token?: string;
  readonly oscTo?: Endpoint;
  readonly oscAt?: Endpoint;
  readonly origin?: readonly string[];
  readonly publicUrl?: string;
  readonly trustProxy?: readonly string[];
}

/** Where displays look for a show unless --port says otherwise. */
export const DEFAULT_PORT = 8090;

const TOKEN_VARIABLE = 'SYNESTHETE_TOKEN';

/** Adds the options of `live` that say where it serves, who may control it and where its OSC goes. */
export function addNetworkOptions(command: Command): void {
  command
    .option('--host <address>', 'where to serve; beyond this machine, controls need a token', '127.0.0.1')
    .option('--port <n>', 'where to serve; 0 takes any free port', parsePort, DEFAULT_PORT)
    .addOption(
      new Option(
        '--token <text>',
        'the control token, 12 characters or more; others on this machine see the command line, but not the variable (default: one that is kept beside the state)',
      ).env(TOKEN_VARIABLE),
    )
    .option(
      '--public-url <url>',
      'the address that browsers see when a proxy stands before the show, as https://show.example.org/visuals/; controls need a token then',
      parsePublicUrl,
    )
    .option(
      '--trust-proxy <address...>',
      'proxies whose X-Forwarded headers count, as 127.0.0.1 or 10.0.0.0/8; controls need a token then',
      parseProxy,
    )
    .option('--osc-to <host:port>', 'send mood, level and pictures as OSC', parseEndpoint)
    .option('--osc-at <host:port>', 'take controls as OSC; 127.0.0.1 unless a host is named', parseEndpoint)
    .option(
      '--origin <url...>',
      'other web sites whose pages may connect, as https://example.org',
      parseOrigin,
    );
}

function parseEndpoint(text: string): Endpoint {
  const [, v6, name, digits] = /^(?:(?:\[([^\]]+)\]|([^:]+)):)?(\d+)$/.exec(text) ?? [];
  const port = Number(digits);
  const isAddress = v6 === undefined || isIPv6(v6);
  if (isAddress && port >= 1 && port <= 65_535) return { host: v6 ?? name ?? '127.0.0.1', port };
  throw new InvalidArgumentError(
    'It must be HOST:PORT or a PORT of this machine, as 127.0.0.1:9000; an IPv6 address in brackets, as [::1]:9000.',
  );
}

/**
 * @returns the origins so far and this one, as browsers send it: without a path, and without the default port of its
 * scheme
 */
function parseOrigin(text: string, before: readonly string[] = []): readonly string[] {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol === 'http:' || url?.protocol === 'https:') return [...before, url.origin];
  throw new InvalidArgumentError(
    'It must be the http or https address of a web site, as https://example.org.',
  );
}

function parsePublicUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isPlain = url?.search === '' && url.hash === '' && url.username === '' && url.password === '';
  if (isPlain && /^https?:$/.test(url.protocol)) return url.href;
  throw new InvalidArgumentError(
    'It must be an http or https address without a query, as https://show.example.org/visuals/.',
  );
}

/** @returns the proxies so far and this one */
function parseProxy(text: string, before: readonly string[] = []): readonly string[] {
  const [, address = '', bits = '0'] = /^([^/]+)(?:\/(\d{1,3}))?$/.exec(text) ?? [];
  const version = isIP(address);
  if (version !== 0 && Number(bits) <= (version === 4 ? 32 : 128)) return [...before, text];
  throw new InvalidArgumentError(
    'It must be the address of a proxy or a network, as 127.0.0.1 or 10.0.0.0/8.',
  );
}

export function parsePort(text: string): number {
  const value = text.trim() === '' ? NaN : Number(text);
  if (Number.isInteger(value) && value >= 0 && value <= 65_535) return value;
  throw new InvalidArgumentError('It must be a port, from 0 to 65535.');
}
