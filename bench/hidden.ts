import { PictureEncoding } from '../models/encoders/index.ts';
import { openEngine } from '../models/engine/index.ts';
import { UNSAFE_THRESHOLD } from '../models/model/index.ts';
import { ABSTRACT_KINDS, abstractPicture } from './abstract-art.ts';
import { formatTable } from './measure.ts';

const SEEDS = 60;

/** How many abstract pictures made by script the classifier marks as unsafe: of each kind, and in all. */
export async function benchHidden(): Promise<string> {
  const encoding = await PictureEncoding.open(await openEngine('cpu'), ['open-nsfw']);
  try {
    const rows: string[][] = [];
    let [marked, count] = [0, 0];
    for (const kind of ABSTRACT_KINDS) {
      const scores: number[] = [];
      for (let seed = 0; seed < SEEDS; seed++) {
        const [encoded] = await encoding.encode([abstractPicture(kind, seed)]);
        scores.push(encoded!.unsafe!);
      }
      const ofKind = scores.filter((score) => score >= UNSAFE_THRESHOLD).length;
      marked += ofKind;
      count += scores.length;
      rows.push([kind, String(scores.length), String(ofKind), Math.max(...scores).toFixed(3)]);
    }
    const share = `${((100 * marked) / count).toFixed(2)} %`;
    return [
      formatTable(['abstract pictures', 'count', `marked at ${UNSAFE_THRESHOLD}`, 'highest'], rows),
      `${marked} of ${count} are marked: ${share}`,
    ].join('\n');
  } finally {
    await encoding.close();
  }
}
