import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The built web client, where it is. */
export function staticFolder(): { readonly staticFolder?: string } {
  const folder = fileURLToPath(new URL('../../web-client/', import.meta.url));
  return existsSync(join(folder, 'index.html')) ? { staticFolder: folder } : {};
}
