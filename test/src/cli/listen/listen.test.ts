import { stripVTControlCharacters } from 'node:util';
import t from 'tap';
import { dashboardLines, logLine } from '../../../../src/cli/listen/dashboard.ts';
import { ListenStatistics } from '../../../../src/cli/listen/statistics.ts';

const HOP = 512;

function level(atSample: number, values: { rms?: number; peak?: number; onset?: boolean } = {}) {
  const { rms = 0, peak = 0, onset = false } = values;
  return { atSample, arrivedAtMs: 0, rms, peak, loudness: 12, centroidHz: 1234, flux: 0, onset };
}

function analysis(elapsedMs: number, arrivedAtMs: number, dropped: number) {
  const nothing = new Float32Array(0);
  const clip = { startSample: 0, samples: nothing, before: nothing, arrivedAtMs };
  const result = {
    clip,
    features: new Float32Array(0),
    prediction: undefined,
    model: undefined,
    rms: 0,
    elapsedMs,
  };
  return { result, dropped };
}

function block(seconds: number) {
  const samples = new Float32Array(seconds * 22_050);
  return { kind: 'block', startSample: 0, samples, arrivedAtMs: 0 } as const;
}

t.test('levels are reported in dB of full scale, the peak falls slowly', async (t) => {
  const statistics = new ListenStatistics(0);
  statistics.onLevel(level(0, { rms: 0.1, peak: 1 }), HOP);
  t.match(statistics.snapshot(1), { rmsDb: -20, peakDb: 0, loudness: 12, centroidHz: 1234 });
  for (let frame = 1; frame <= 43; frame++) statistics.onLevel(level(frame * HOP), HOP);
  const { rmsDb, peakDb } = statistics.snapshot(1);
  t.equal(rmsDb, -90);
  t.ok(peakDb < -19 && peakDb > -21, `after 1 s the peak stands at ${peakDb} dB`);
});

t.test('rates are those of the last 5 s', async (t) => {
  const statistics = new ListenStatistics(0);
  statistics.onSource(block(20));
  for (let second = 1; second <= 20; second++) {
    statistics.onLevel(level(second * 22_050, { onset: true }), HOP);
    statistics.onAnalysis(analysis(second, second * 1000 - 7, 0), second * 1000);
    statistics.onAnalysis(analysis(second, second * 1000 - 7, 3), second * 1000);
  }
  const snapshot = statistics.snapshot(20_000);
  t.match(snapshot, { heardSeconds: 20, realTimeFactor: 1, clipsTotal: 40, dropsTotal: 3 });
  t.equal(snapshot.clipsPerSecond, 12 / 5);
  t.equal(snapshot.onsetsPerSecond, 6 / 5);
  t.strictSame(snapshot.onsetAgesSeconds, [0, 1, 2, 3, 4, 5]);
  t.equal(snapshot.latencyMilliseconds, 7);
  t.equal(snapshot.millisecondsPerClip, 18);
  t.equal(statistics.snapshot(60_000).clipsPerSecond, 0, 'a stalled source has no clips a second');
});

t.test('the dashboard says what is wrong, and how long the first clip takes', async (t) => {
  const statistics = new ListenStatistics(0);
  statistics.onSource({ kind: 'status', state: 'delivering', message: 'playing x' });
  statistics.onSource(block(1));
  const lines = dashboardLines('device mixer', statistics.snapshot(1000), false);
  t.match(lines.join('\n'), /source {2}device mixer/);
  t.match(lines.join('\n'), /clips .* after 2 s of sound/);
  statistics.onSource({ kind: 'gap', atSample: 22_050, reason: 'mixer stopped' });
  statistics.onSource({ kind: 'status', state: 'lost', message: 'mixer delivers nothing' });
  const after = statistics.snapshot(4000);
  t.match(dashboardLines('device mixer', after, false).join('\n'), /lost .*mixer delivers nothing[^]*1 gaps/);
  t.match(logLine(after), /lost .* 1 gaps .* mixer delivers nothing/);
});

t.test('the meter fills in proportion, and colour changes no character', async (t) => {
  const statistics = new ListenStatistics(0);
  const filled = (rms: number, inColour: boolean) => {
    statistics.onLevel(level(0, { rms }), HOP);
    const lines = dashboardLines('x', statistics.snapshot(1), inColour);
    return stripVTControlCharacters(lines[2]!).split('█').length - 1;
  };
  for (const inColour of [false, true]) {
    t.equal(filled(1, inColour), 50);
    t.equal(filled(10 ** (-30 / 20), inColour), 25);
    t.equal(filled(0, inColour), 0);
  }
});

t.test('each channel has its level; one that is not heard stands in brackets', async (t) => {
  const statistics = new ListenStatistics(0);
  const channels = [
    { rms: 0.1, peak: 0.5, heard: true },
    { rms: 0, peak: 0, heard: false },
  ];
  statistics.onSource({
    kind: 'status',
    state: 'damaged',
    message: 'channels 1 and 2 cancel',
    remedy: { kind: 'cancelling-channels', channel: 1 },
  });
  statistics.onSource({ ...block(1), channels });
  const snapshot = statistics.snapshot(1000);
  t.match(
    snapshot.channels,
    [
      { rmsDb: -20, peakDb: -6.02, heard: true },
      { rmsDb: -90, peakDb: -90, heard: false },
    ].map((channel) => ({ ...channel, peakDb: Number })),
  );
  const lines = dashboardLines('x', snapshot, false).join('\n');
  t.match(lines, /^channels 1 -20\.0 dB {6}\(2 -∞ dB\)$/m);
  t.match(lines, /channels 1 and 2 cancel; --channels 1 hears one channel alone/);
  t.match(logLine(snapshot), /channels -20\.0\/\(-∞\) dB/);
  statistics.onSource({ ...block(1), channels: channels.slice(0, 1) });
  t.notMatch(
    dashboardLines('x', statistics.snapshot(1000), false).join('\n'),
    /channels 1 -20/,
    'mono needs none',
  );
});
