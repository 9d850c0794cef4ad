import { Transform } from 'node:stream';

/* How tap reports: one line a file, and what failed in it, out of the TAP that it gives to a stream. */

const RESULT = /^( *)(not ok|ok) \d+(?: - (.*?))?(?: # time=([\d.]+)ms)?(?: *\{)?$/;
const SUBTEST = /^( *)# Subtest: (.*)$/;
const STRUCTURE = /^ *(#|TAP version|\d+\.\.\d+|pragma|\}|$)/;
/** Four columns a level. */
const LEVEL = 4;

export default class Reporter extends Transform {
  #unfinished = '';
  /** The names of the tests that the next line is in, by level; the file's is the first. */
  #tests = [];
  /** Whether something that failed has been reported, by level. */
  #failed = [];
  #counts = { passed: 0, failed: 0, skipped: 0 };
  /** What failed last, whose details may follow. */
  #failure;
  #inDetails = false;
  #failures = [];
  /** The line of a file that has failed, until its own details have come. */
  #verdict;

  _transform(chunk, _encoding, done) {
    const lines = (this.#unfinished + chunk.toString()).split('\n');
    this.#unfinished = lines.pop() ?? '';
    for (const line of lines) this.#take(line);
    done();
  }

  _flush(done) {
    if (this.#unfinished !== '') this.#take(this.#unfinished);
    this.#endFile();
    done();
  }

  #take(line) {
    if (this.#takeDetail(line)) return;
    if (line.trim() !== '') this.#endFile();
    const subtest = SUBTEST.exec(line);
    if (subtest) {
      this.#tests[subtest[1].length / LEVEL] = subtest[2];
      return;
    }
    const result = RESULT.exec(line);
    if (result) this.#takeResult(result);
    else if (/^(# (\{ total|time=)|Bail out!)/.test(line)) this.push(`${line}\n`);
    // What a test prints by itself.
    else if (!STRUCTURE.test(line)) this.push(`${line}\n`);
  }

  /** @returns whether it is a line of the details of a result, which are indented by two */
  #takeDetail(line) {
    const indent = /^ */.exec(line)[0].length;
    const mark = line.trim();
    if (!this.#inDetails && mark === '---' && indent % LEVEL === 2) {
      this.#inDetails = true;
      return true;
    }
    if (!this.#inDetails) return false;
    if (mark === '...' && indent === (this.#failure?.indent ?? indent - 2) + 2) this.#inDetails = false;
    else this.#failure?.details.push(line.slice(this.#failure.indent));
    return true;
  }

  #takeResult([, spaces, verdict, name = '', time]) {
    const level = spaces.length / LEVEL;
    const isSubtest = this.#tests.length > level;
    const text = name.trim();
    this.#failure = undefined;
    const failed = verdict === 'not ok' && !/ # (TODO|SKIP)\b/i.test(` ${text}`);
    if (!isSubtest) {
      if (/ # (TODO|SKIP)\b/i.test(` ${text}`)) this.#counts.skipped++;
      else this.#counts[failed ? 'failed' : 'passed']++;
    }
    if (failed) {
      // A test that failed for what is in it says nothing more.
      if (!this.#failed[level + 1]) {
        const within = this.#tests.slice(1, isSubtest ? level + 1 : level);
        const path = isSubtest ? within : [...within, text];
        this.#failure = { indent: spaces.length, path, details: [] };
        this.#failures.push(this.#failure);
      }
      this.#failed[level] = true;
    }
    this.#failed.length = Math.min(this.#failed.length, level + 1);
    if (isSubtest) this.#tests.length = level;
    if (level === 0) this.#verdict = { failed, text, seconds: Number(time) / 1000 };
  }

  #endFile() {
    if (this.#verdict === undefined) return;
    const { failed, text, seconds } = this.#verdict;
    const { passed, failed: failures, skipped } = this.#counts;
    const counts = [
      `${passed} passed`,
      ...(failures > 0 ? [`${failures} failed`] : []),
      ...(skipped > 0 ? [`${skipped} skipped`] : []),
    ];
    const time = Number.isNaN(seconds) ? '' : `  ${seconds.toFixed(1)} s`;
    this.push(`${failed ? 'FAILED' : 'ok    '}  ${text}  ${counts.join(', ')}${time}\n`);
    for (const { path, details } of this.#failures) {
      this.push(`\n    ${path.length === 0 ? 'the file itself' : path.join(' > ')}\n`);
      for (const line of details) this.push(`    ${line}\n`);
    }
    if (this.#failures.length > 0) this.push('\n');
    this.#verdict = undefined;
    this.#failure = undefined;
    this.#failures = [];
    this.#failed = [];
    this.#counts = { passed: 0, failed: 0, skipped: 0 };
  }
}
