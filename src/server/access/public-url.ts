import { SynestheteError } from '../../../models/errors.ts';

/**
 * The address by which browsers reach the server through a proxy.
 *
 * @returns it with a slash at its end. @throws SynestheteError USAGE
 */
export function checkedPublicUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isPlain = url?.search === '' && url.hash === '' && url.username === '' && url.password === '';
  if (url === undefined || !isPlain || !/^https?:$/.test(url.protocol)) {
    throw new SynestheteError(
      'USAGE',
      `${text} is no public address: give one as https://show.example.org/visuals/, without a query`,
    );
  }
  if (!url.pathname.endsWith('/')) url.pathname += '/';
  return url;
}
