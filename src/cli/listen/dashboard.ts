import { painter, type Paint } from '../terminal/colour.ts';
import { printable } from '../terminal/printable.ts';
import { withRemedy } from '../terminal/remedies.ts';
import { isFirstClipPending, SILENCE_DB, type Snapshot } from './statistics.ts';

const METER_WIDTH = 50;
/** The meter begins this many dB below full scale. */
const METER_RANGE_DB = 60;
const CHANNELS_A_LINE = 4;
const CHANNEL_WIDTH = 16;
/** Seconds that the strip of onsets shows, and its cells. */
const STRIP_SECONDS = 5;
const STRIP_WIDTH = 50;

/** Where the meter is yellow and red: headroom, and close to clipping. */
const YELLOW_DB = -12;
const RED_DB = -3;

/** The lines that `listen` keeps on the screen. Escape codes are left out without `inColour`. */
export function dashboardLines(title: string, snapshot: Snapshot, inColour: boolean): string[] {
  const paint = painter(inColour);
  const state = snapshot.state === 'delivering' ? 'green' : snapshot.state === 'ended' ? 'dim' : 'red';
  const ms = (value: number | undefined) => (value === undefined ? '–' : `${value.toFixed(1)} ms`);
  const clips = isFirstClipPending(snapshot)
    ? 'the first one is complete after 2 s of sound'
    : [
        `${snapshot.clipsPerSecond.toFixed(1)} a second`,
        `${ms(snapshot.millisecondsPerClip)} a clip`,
        `${ms(snapshot.latencyMilliseconds)} after its last sample`,
        `${snapshot.clipsTotal} in all`,
      ].join(' · ');
  const drops = `${snapshot.dropsTotal} clips dropped · ${snapshot.gapsTotal} gaps in the sound`;
  // While all is well, the line of the source says enough.
  const message =
    snapshot.state === 'delivering' || snapshot.message === '' ? '' : ` · ${messageOf(snapshot)}`;
  const speed =
    snapshot.realTimeFactor > 1.5 ? ` at ${snapshot.realTimeFactor.toFixed(0)} times real time` : '';
  return [
    `source  ${printable(title)}`,
    `state   ${paint(state, snapshot.state)} · ${clock(snapshot.heardSeconds)} heard${speed}${message}`,
    `level   ${meter(snapshot, paint)} ${inDecibels(snapshot.rmsDb)} dB rms · peak ${inDecibels(snapshot.peakDb)} dB`,
    ...channelLines(snapshot),
    `tone    loudness ${snapshot.loudness.toFixed(1)} · centroid ${snapshot.centroidHz.toFixed(0)} Hz`,
    `onsets  ${strip(snapshot, paint)} ${snapshot.onsetsPerSecond.toFixed(1)} a second`,
    `clips   ${clips}`,
    `drops   ${snapshot.dropsTotal + snapshot.gapsTotal > 0 ? paint('yellow', drops) : drops}`,
  ];
}

function messageOf({ message, remedy }: Snapshot): string {
  return printable(withRemedy(message, remedy));
}

function inDecibels(db: number): string {
  return db <= SILENCE_DB ? '-∞' : db.toFixed(1);
}

/** The rms of each channel, several to a line; those that are not heard in brackets. None of mono. */
function channelLines({ channels = [] }: Snapshot): string[] {
  if (channels.length < 2) return [];
  const cells = channels.map(({ rmsDb, heard }, channel) => {
    const text = `${channel + 1} ${inDecibels(rmsDb)} dB`;
    return (heard ? text : `(${text})`).padEnd(CHANNEL_WIDTH);
  });
  const lines: string[] = [];
  for (let from = 0; from < cells.length; from += CHANNELS_A_LINE) {
    const line = cells
      .slice(from, from + CHANNELS_A_LINE)
      .join('')
      .trimEnd();
    lines.push(`${from === 0 ? 'channels' : '        '} ${line}`);
  }
  return lines;
}

/** One line for a log or a pipe. */
export function logLine(snapshot: Snapshot): string {
  const parts = [
    clock(snapshot.heardSeconds),
    snapshot.state,
    `rms ${snapshot.rmsDb.toFixed(1)} dB`,
    `peak ${snapshot.peakDb.toFixed(1)} dB`,
    ...channelParts(snapshot),
    `${snapshot.onsetsPerSecond.toFixed(1)} onsets/s`,
    `${snapshot.clipsPerSecond.toFixed(1)} clips/s`,
    `${snapshot.millisecondsPerClip?.toFixed(1) ?? '–'} ms/clip`,
    `${snapshot.dropsTotal} dropped`,
    `${snapshot.gapsTotal} gaps`,
  ];
  return parts.join(' · ') + (snapshot.message === '' ? '' : ` · ${messageOf(snapshot)}`);
}

/** `channels -20.1/-∞ dB`; those that are not heard in brackets. */
function channelParts({ channels = [] }: Snapshot): string[] {
  if (channels.length < 2) return [];
  const levels = channels.map(({ rmsDb, heard }) => (heard ? inDecibels(rmsDb) : `(${inDecibels(rmsDb)})`));
  return [`channels ${levels.join('/')} dB`];
}

function meter({ rmsDb, peakDb }: Snapshot, paint: Paint): string {
  const cellOf = (db: number) => Math.round((1 + db / METER_RANGE_DB) * METER_WIDTH);
  const filled = cellOf(rmsDb);
  const peakCell = peakDb <= -METER_RANGE_DB ? -1 : Math.min(METER_WIDTH - 1, cellOf(peakDb));
  let bar = '';
  for (let cell = 0; cell < METER_WIDTH; cell++) {
    const db = (cell / METER_WIDTH - 1) * METER_RANGE_DB;
    const code = db >= RED_DB ? 'red' : db >= YELLOW_DB ? 'yellow' : 'green';
    bar += cell === peakCell ? paint(code, '│') : cell < filled ? paint(code, '█') : paint('dim', '·');
  }
  return bar;
}

function strip({ onsetAgesSeconds }: Snapshot, paint: Paint): string {
  const cells = Array.from({ length: STRIP_WIDTH }, () => paint('dim', '·'));
  for (const age of onsetAgesSeconds) {
    const cell = STRIP_WIDTH - 1 - Math.floor((age / STRIP_SECONDS) * STRIP_WIDTH);
    if (cell >= 0) cells[cell] = '●';
  }
  return cells.join('');
}

/** Hours, minutes and seconds: `1:02:03`. */
function clock(seconds: number): string {
  const whole = Math.floor(seconds);
  const pad = (value: number) => String(value).padStart(2, '0');
  return `${Math.floor(whole / 3600)}:${pad(Math.floor(whole / 60) % 60)}:${pad(whole % 60)}`;
}
