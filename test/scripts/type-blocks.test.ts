import { fileURLToPath } from 'node:url';
import t from 'tap';
import { typeErrors } from '../../scripts/type-blocks.ts';

const FOLDER = fileURLToPath(new URL('../../', import.meta.url));

t.test('the types of code are checked against the packages of a folder', async (t) => {
  const following = `import { WebSocket } from 'ws';\nconst socket = new WebSocket('ws://127.0.0.1');\n`;
  t.equal(typeErrors(FOLDER, `${following}socket.close(1000);\n`), undefined);
  t.match(typeErrors(FOLDER, `${following}socket.close('soon');\n`), /^line 3: Argument of type 'string'/);
  t.match(
    typeErrors(FOLDER, `import { none } from 'there-is-no-such-package';\n`),
    /^line 1: Cannot find module/,
  );
});
