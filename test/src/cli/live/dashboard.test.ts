import t from 'tap';
import { liveLines, liveLogLine, type LiveView } from '../../../../src/cli/live/dashboard.ts';

/** A show that has heard nothing yet. */
function view(more: object = {}): LiveView {
  return {
    address: 'http://127.0.0.1:8090',
    clients: 1,
    nameOf: (id: string) => `a folder with a long name/and another one below it/${id}.jpg`,
    state: {
      time: 3,
      mood: { valence: 0.5, arousal: 0.5, confidence: 0 },
      level: { rms: 0.1, onset: true },
      show: { state: 'live', image: { id: 'p' }, since: 1, crossfade: 1 },
      latency: { analysis: 0, total: 0 },
      upcoming: ['q', 'r', 's'],
      ...more,
    },
    status: {
      source: { name: 'USB', kind: 'device', state: 'delivering', message: '' },
      analysis: { state: 'running', message: '', restarts: 10 },
      model: { engine: 'cpu (ONNX Runtime 1.2.3, 2 threads)' },
      pictures: { total: 99, allowed: 98 },
      bank: null,
      bans: [],
      clips: { total: 12_345, dropped: 123, lost: 12, lastLoss: '' },
      gaps: 1,
    },
  } as unknown as LiveView;
}

const FELT = {
  mood: { valence: 0.61, arousal: 0.74, confidence: 0.8 },
  latency: { analysis: 24.1, total: 27.9 },
};

t.test('all lines fit 80 columns, and what is counted is reported whole', async (t) => {
  for (const lines of [liveLines(view(), false, 80), liveLines(view(FELT), false, 80)]) {
    t.same(
      lines.filter((line) => line.length > 80),
      [],
    );
  }
  const lines = liveLines(view(FELT), false, 80);
  t.match(lines, [/^show /, /^source /, /^level /, /^mood .*confidence 0\.80$/, /^picture /, /^next .*…$/]);
  t.match(lines.at(-1), /^drops {4}123 of 12345 clips · 12 lost · 1 sound gap · 10 analysis restarts$/);
});

t.test('before anything was heard there is no mood', async (t) => {
  const lines = liveLines(view(), false, 80).join('\n');
  t.match(lines, /^mood {5}–$/m);
  t.match(lines, /^latency {2}–$/m);
  t.match(liveLogLine(view()), / · valence – · arousal – · – ms · /);
  t.match(liveLogLine(view(FELT)), / · valence 0\.61 · arousal 0\.74 · 28 ms · .* · 1 client$/);
});
