import { appendFileSync } from 'node:fs';
import process from 'node:process';

export function load(url, context, nextLoad) {
  appendFileSync(process.env.MODULE_LIST, `${url}\n`);
  return nextLoad(url, context);
}
