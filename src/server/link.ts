import { isIPv6 } from 'node:net';
import { networkInterfaces } from 'node:os';
import { renderUnicodeCompact } from 'uqr';

/** The address of the console for people and other devices; the token is behind the #, which browsers never send. */
export function consoleLink(
  {
    host,
    port,
    publicUrl,
  }: { readonly host: string; readonly port: number; readonly publicUrl?: URL | undefined },
  token?: string,
): string {
  const name = reachableName(host);
  const address = publicUrl?.href ?? `http://${isIPv6(name) ? `[${name}]` : name}:${port}/`;
  return token === undefined ? address : `${address}#token=${token}`;
}

/** The link as a QR code of block characters, to scan from a terminal. */
export function linkAsQrCode(link: string): string {
  return renderUnicodeCompact(link, { border: 2 });
}

/** 0.0.0.0 and :: mean all addresses of this machine: others reach it by one of them. */
function reachableName(host: string): string {
  if (host !== '0.0.0.0' && host !== '::') return host;
  const all = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
  const outside = all.find(({ family, internal }) => family === 'IPv4' && !internal);
  return outside?.address ?? 'localhost';
}
