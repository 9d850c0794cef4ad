import t from 'tap';
import { readAhead } from '../../../streams/file-inference/ahead.ts';

async function* numbers(to: number, log: string[] = []) {
  try {
    for (let i = 0; i < to; i++) {
      log.push(`made ${i}`);
      yield i;
    }
  } finally {
    log.push('closed');
  }
}

const settled = () => new Promise((resolve) => setImmediate(resolve));

t.test('everything comes, in order, then the end again and again', async (t) => {
  for (const most of [1, 3, 10]) {
    const ahead = readAhead(numbers(5), most);
    const got: unknown[] = [];
    for (let next = await ahead.next(); next.done !== true; next = await ahead.next()) got.push(next.value);
    t.same(got, [0, 1, 2, 3, 4]);
    t.equal((await ahead.next()).done, true);
  }
});

t.test('no more is fetched than may wait', async (t) => {
  const log: string[] = [];
  const ahead = readAhead(numbers(10, log), 3);
  await settled();
  t.same(log, ['made 0', 'made 1', 'made 2'], 'it begins by itself');
  await ahead.next();
  await settled();
  t.equal(log.length, 4);
  await ahead.close();
  t.equal(log.at(-1), 'closed');
  t.equal(log.length, 5);
});

t.test('an error comes in its place', async (t) => {
  async function* failing() {
    yield 1;
    throw new Error('torn');
  }
  const ahead = readAhead(failing(), 4);
  await settled();
  t.equal((await ahead.next()).value, 1);
  await t.rejects(ahead.next(), { message: 'torn' });
  await ahead.close();
});
