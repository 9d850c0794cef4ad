import { Readable, Transform } from 'node:stream';
import { text } from 'node:stream/consumers';
import t from 'tap';

const { default: Reporter } = (await import(
  new URL('../../../scripts/test/reporter.js', import.meta.url).href
)) as { default: new () => Transform };

const TAP = `TAP version 14
1..2
# Subtest: test/good.test.ts
    # Subtest: adds
        # a remark
        ok 1 - one
        ok 2 - two # SKIP no device
          ---
          at: here
          ...
        1..2
    ok 1 - adds # time=3.5ms
    
    # Subtest: prints
        1..0
    ok 2 - prints # time=1ms
    printed by the test
    1..2
    # time=5ms
ok 1 - test/good.test.ts # time=1234.5ms

# Subtest: test/bad.test.ts
    # Subtest: outer
        # Subtest: inner
            ok 1 - before
            not ok 2 - should be equal
              ---
              compare: ===
              source: |
                ok 7 - not a result
              ...
            not ok 3 - known # TODO later
            1..3
        not ok 1 - inner # time=2ms
          ---
          at: there
          ...
        1..1
    not ok 1 - outer # time=3ms
    1..1
    # failed 1 test
not ok 2 - test/bad.test.ts # time=10ms
  ---
  exitCode: 1
  ...

# No coverage generated
# { total: 5, pass: 2, fail: 1, skip: 1, todo: 1 }
# time=20ms
`;

const EXPECTED = `printed by the test
ok      test/good.test.ts  1 passed, 1 skipped  1.2 s
FAILED  test/bad.test.ts  1 passed, 1 failed, 1 skipped  0.0 s

    outer > inner > should be equal
      compare: ===
      source: |
        ok 7 - not a result

# { total: 5, pass: 2, fail: 1, skip: 1, todo: 1 }
# time=20ms
`;

t.test('one line a file, and what failed', async (t) => {
  const whole = await text(Readable.from([TAP]).pipe(new Reporter()));
  t.equal(whole.replace(/^ +printed/m, 'printed'), EXPECTED);
  const pieces = Readable.from(TAP.match(/[^]{1,7}/g)!).pipe(new Reporter());
  t.equal(await text(pieces), whole, 'wherever the stream is cut');
});

t.test('a file that fails without a test of its own says why', async (t) => {
  const tap = `# Subtest: test/x.test.ts\n    1..0\nnot ok 1 - test/x.test.ts # time=9ms\n  ---\n  exitCode: 7\n  ...\n`;
  t.equal(
    await text(Readable.from([tap]).pipe(new Reporter())),
    'FAILED  test/x.test.ts  0 passed  0.0 s\n\n    the file itself\n      exitCode: 7\n\n',
  );
});
