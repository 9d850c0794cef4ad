import { existsSync } from 'node:fs';
import t from 'tap';
import { open } from '../../../streams/analysis/open-model.ts';

const GPU_DEVICES = ['/dev/dri', '/dev/nvidia0', '/dev/dxg', '/dev/kgsl-3d0', '/dev/mali0'];
const hasNone = process.platform === 'linux' && !GPU_DEVICES.some(existsSync);

t.test(
  'that there is no GPU is news only where a person wants to know more',
  { skip: !hasNone && 'there may be a GPU' },
  async (t) => {
    const linesOf = async (isVerbose: boolean): Promise<string[]> => {
      const lines: string[] = [];
      const model = await open({ engine: 'auto', threads: 1, isVerbose }, (line) => lines.push(line));
      await model.close();
      return lines;
    };
    t.same(await linesOf(true), ['engine auto takes cpu, for there is no GPU']);
    t.same(await linesOf(false), []);
  },
);
