/** Run by cache.test.ts as a process of its own: stores and reads the same keys as its siblings. */
import { DiskCache } from '../../models/cache.ts';

const cache = new DiskCache({
  folder: process.argv[2]!,
  notice: (line) => process.stdout.write(`${line}\n`),
});
for (let round = 0; round < 3; round++) {
  for (let number = 0; number < 20; number++) {
    const key = number.toString(16).padStart(64, '0');
    const data = new Float32Array(5000).fill(number);
    const tensors = await cache.getOrCompute(key, () => new Map([['x', { shape: [5000], data }]]));
    if (tensors.get('x')!.data.some((value) => value !== number)) process.stdout.write(`wrong ${number}\n`);
  }
}
