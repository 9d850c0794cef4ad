import t from 'tap';
import { sourceChoice } from '../../../web-client/console/source-choice.ts';

const sources = ['demo', 'browser', 'file:/music/a.wav'];

t.test('the source that is heard is the one that is chosen', async (t) => {
  const chosen = (name: string, kind: 'device' | 'file' | 'feed' | 'stdin') =>
    sourceChoice({ source: { name, kind }, sources }, ['mixer']);
  const names = [...sources, 'device:mixer'];
  t.strictSame(chosen('mixer', 'device'), { names, chosen: 'device:mixer' });
  t.strictSame(chosen('/music/a.wav', 'file'), { names, chosen: 'file:/music/a.wav' });
  t.strictSame(chosen('demo', 'file'), { names, chosen: 'demo' });
  t.strictSame(chosen('browser', 'feed'), { names, chosen: 'browser' });
  t.strictSame(chosen('default', 'device'), {
    names: [...names, 'device:default'],
    chosen: 'device:default',
  });
  const heard = {
    name: 'Xone Mixer',
    kind: 'device',
    device: { name: 'mixer', description: 'Xone Mixer' },
  } as const;
  t.strictSame(sourceChoice({ source: heard, sources }, ['mixer']), { names, chosen: 'device:mixer' });
  t.strictSame(chosen('stdin', 'stdin'), { names: [...names, 'stdin'], chosen: 'stdin' });
});
