import { appendFileSync } from 'node:fs';

export function load(url, context, nextLoad) {
  appendFileSync(process.env.MODULE_LIST, `${url}\n`);
  return nextLoad(url, context);
}
