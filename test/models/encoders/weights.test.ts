import { copyFile, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { PICTURE_ENCODERS, encoderFingerprint, readEncoderWeights } from '../../../models/encoders/index.ts';
import { SynestheteError } from '../../../models/errors.ts';

const BUNDLED = new URL('../../../models/pretrained/encoders/', import.meta.url).pathname;

t.test('the weights of every encoder are listed by their checksum', async (t) => {
  for (const name of Object.keys(PICTURE_ENCODERS)) {
    t.match(await encoderFingerprint(name), /^[0-9a-f]{64}$/u);
    t.ok(Object.keys(await readEncoderWeights(name)).length > 50);
  }
});

t.test('the NOTICE has the licence of every encoder', async (t) => {
  const notice = await readFile(new URL('../../../NOTICE', import.meta.url), 'utf8');
  for (const { name, licence, source } of Object.values(PICTURE_ENCODERS)) {
    t.ok(notice.includes(licence) && notice.includes(source), name);
  }
});

t.test('a broken install is reported, with what to do', async (t) => {
  const folder = t.testdir();
  const list = join(folder, 'encoders.json');
  const told = async (problem: RegExp): Promise<void> => {
    const error: unknown = await readEncoderWeights('open-nsfw', list).catch((e: unknown) => e);
    if (!(error instanceof SynestheteError)) throw new Error('it was not refused');
    t.equal(error.code, 'BROKEN_INSTALL');
    t.match(error.message, problem);
    t.match(error.message, /: install synesthete again$/u);
  };
  await told(/encoders\.json can't be read: it does not exist/u);
  await writeFile(list, '{');
  await told(/encoders\.json is not JSON/u);
  await writeFile(list, '{"efficientnet-lite0":{}}');
  await told(/lists no usable weights of open-nsfw/u);
  await copyFile(join(BUNDLED, 'encoders.json'), list);
  await told(/open-nsfw\.safetensors can't be read: it does not exist/u);
  const whole = await readFile(join(BUNDLED, 'open-nsfw.safetensors'));
  whole[whole.length - 1]! ^= 1;
  await writeFile(join(folder, 'open-nsfw.safetensors'), whole);
  await told(/open-nsfw\.safetensors is not the file that .*encoders\.json lists/u);
});
