import t from 'tap';
import { STEPS } from '../../../scripts/build/steps.ts';
import { stepsFor } from '../../../scripts/test/needs.ts';

const names = (...files: string[]) => stepsFor(files).map(({ name }) => name);

t.test('a test has built what it and its imports name', async (t) => {
  t.same(names('test/models/errors.test.ts'), []);
  t.same(names('test/models/features/kernels.test.ts'), ['feature kernels']);
  t.same(names('test/models/gallery/search/search.test.ts', 'test/models/errors.test.ts'), [
    'feature kernels',
    'search kernel',
  ]);
});

t.test('a test of the built program has built everything', async (t) => {
  t.equal(stepsFor(['test/src/cli/features.test.ts']), STEPS);
});
