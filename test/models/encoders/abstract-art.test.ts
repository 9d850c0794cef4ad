import t from 'tap';
import { ABSTRACT_KINDS, abstractPicture } from '../../../bench/abstract-art.ts';
import { PictureEncoding } from '../../../models/encoders/index.ts';
import { openEngine } from '../../../models/engine/index.ts';
import { UNSAFE_THRESHOLD } from '../../../models/model/index.ts';
import { body } from './formula-pictures.ts';

/** Of each of five kinds; `npm run bench -- hidden` looks at 300. */
const SEEDS = 4;
/** Of abstract pictures made by script. */
const MOST_MARKED = 0.02;

t.test('hardly any abstract picture is marked as unsafe', { timeout: 240_000 }, async (t) => {
  const encoding = await PictureEncoding.open(await openEngine('cpu', { threads: 1 }), ['open-nsfw']);
  const unsafe = async (picture: Uint8Array) => (await encoding.encode([picture]))[0]!.unsafe!;
  const marked: string[] = [];
  for (const kind of ABSTRACT_KINDS) {
    for (let seed = 0; seed < SEEDS; seed++) {
      const score = await unsafe(abstractPicture(kind, seed));
      if (score >= UNSAFE_THRESHOLD) marked.push(`${kind} ${seed}: ${score.toFixed(2)}`);
    }
  }
  t.ok(marked.length <= MOST_MARKED * SEEDS * ABSTRACT_KINDS.length, marked.join(', '));
  t.ok((await unsafe(body())) >= UNSAFE_THRESHOLD, 'what looks like a body is marked');
  await encoding.close();
});

t.test('each seed is a picture of its own, the same every time', (t) => {
  for (const kind of ABSTRACT_KINDS) {
    const picture = Buffer.from(abstractPicture(kind, 1));
    t.ok(picture.equals(abstractPicture(kind, 1)), kind);
    t.notOk(picture.equals(abstractPicture(kind, 2)), kind);
  }
  t.end();
});
