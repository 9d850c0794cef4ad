import { messageOf } from '../../models/errors.ts';
import type { Reply } from '../../src/server/protocol/index.ts';
import { post } from '../shared/api.ts';
import { fill, find, make } from '../shared/element.ts';
import { markStarted } from '../shared/program-errors.ts';
import { controlToken } from '../shared/token.ts';
import workletUrl from './capture-worklet.js?url&no-inline';

/* Sends what this device hears to the show: PCM over the binary WebSocket /sound. */

const RETRY_MS = 1500;
/** Sound that the network can't take is dropped: a live show has no use for late sound. */
const MOST_WAITING_BYTES = 256_000;

const statusLine = find('#status');
const level = find('#level') as HTMLMeterElement;
const input = find('#input') as HTMLSelectElement;
const stopButton = find('#stop') as HTMLButtonElement;

type Samples = Float32Array<ArrayBuffer>;

interface Listening {
  readonly context: AudioContext;
  readonly stream: MediaStream;
  socket: WebSocket | null;
  /**
   * Whether this page has chosen itself as the source: once for each click, since the operator may choose another
   * source later.
   */
  isChosen: boolean;
  droppedBlocks: number;
}

let listening: Listening | null = null;

function say(text: string, isFault = false): void {
  statusLine.textContent = text;
  statusLine.classList.toggle('fault', isFault);
}

async function openMicrophone(): Promise<MediaStream> {
  const deviceId = input.value;
  return navigator.mediaDevices.getUserMedia({
    // Processing that makes speech clearer spoils music.
    audio: {
      echoCancellation: false,
      noiseSuppression: false,
      autoGainControl: false,
      ...(deviceId !== '' && { deviceId }),
    },
  });
}

async function openTab(): Promise<MediaStream> {
  const stream = await navigator.mediaDevices.getDisplayMedia({
    video: true,
    audio: { echoCancellation: false, noiseSuppression: false, autoGainControl: false },
  });
  if (stream.getAudioTracks().length === 0) {
    for (const track of stream.getTracks()) track.stop();
    throw new Error('that was shared without sound: choose a tab and tick “share audio”');
  }
  for (const track of stream.getVideoTracks()) track.enabled = false;
  return stream;
}

async function start(open: () => Promise<MediaStream>): Promise<void> {
  if (!('mediaDevices' in navigator)) {
    say(
      'Browsers give sound to pages of this machine or over https only: open this page at http://localhost, or through a proxy with https.',
      true,
    );
    return;
  }
  if (!('AudioWorkletNode' in window)) {
    say(
      'This browser lacks AudioWorklet: open this page with Chromium 66, Safari 14.1, Firefox 76 or newer.',
      true,
    );
    return;
  }
  await stop();
  let stream: MediaStream | undefined;
  let context: AudioContext | undefined;
  try {
    stream = await open();
    context = new AudioContext({ latencyHint: 'interactive' });
    await context.audioWorklet.addModule(workletUrl);
    const node = new AudioWorkletNode(context, 'capture', { numberOfOutputs: 0 });
    const now: Listening = { context, stream, socket: null, isChosen: false, droppedBlocks: 0 };
    listening = now;
    node.port.onmessage = ({ data }: MessageEvent<Samples>) => {
      deliver(now, data);
    };
    context.createMediaStreamSource(stream).connect(node);
    stream.getAudioTracks()[0]!.addEventListener('ended', () => {
      void stop().then(() => {
        say('The device was taken away.', true);
      });
    });
    stopButton.disabled = false;
    await listInputs();
    connect(now);
  } catch (error) {
    if (listening === null) {
      for (const track of stream?.getTracks() ?? []) track.stop();
      await context?.close();
    }
    await stop();
    say(messageOf(error), true);
  }
}

function connect(now: Listening): void {
  const url = new URL('sound', location.href);
  url.protocol = url.protocol.replace('http', 'ws');
  const socket = new WebSocket(url);
  now.socket = socket;
  const token = controlToken();
  socket.addEventListener('open', () => {
    socket.send(
      JSON.stringify({
        type: 'sound',
        encoding: 'f32le',
        rate: now.context.sampleRate,
        channels: 1,
        name: now.stream.getAudioTracks()[0]?.label.slice(0, 64) ?? 'browser',
        takeOver: !now.isChosen,
        ...(token !== null && { token }),
      }),
    );
  });
  socket.addEventListener('message', ({ data }: MessageEvent<unknown>) => {
    const reply = typeof data === 'string' ? (JSON.parse(data) as Reply) : null;
    if (reply?.ok === false) say(reply.error.message, true);
    if (reply?.ok === true) void choose(now);
  });
  socket.addEventListener('close', ({ code, reason }) => {
    if (listening !== now) return;
    // With these codes of the protocol the server would refuse it again.
    if (code === 4401 || code === 4409) {
      void stop().then(() => {
        say(
          code === 4401
            ? 'The show asks for its control token: open this page with #token=….'
            : 'Another device feeds the show now.',
          true,
        );
      });
      return;
    }
    if (code === 4503) {
      say('Another device feeds the show, or it is full: waiting for a place…', true);
    } else {
      say(`The connection was lost${reason === '' ? '' : ` (${reason})`}; trying again…`, true);
    }
    setTimeout(() => {
      if (listening === now) connect(now);
    }, RETRY_MS);
  });
}

/** Makes this device the source of the show, unless that was done before the connection was lost. */
async function choose(now: Listening): Promise<void> {
  if (now.isChosen) {
    say('Connected again: the show can hear this device.');
    return;
  }
  try {
    await post('api/control', { control: 'source', source: 'browser' });
    now.isChosen = true;
    say('The show hears this device.');
  } catch (error) {
    say(messageOf(error), true);
  }
}

function deliver(now: Listening, samples: Samples): void {
  let power = 0;
  for (const sample of samples) power += sample * sample;
  level.value = Math.max(-60, 10 * Math.log10(Math.max(1e-6, power / samples.length)));
  if (now.socket?.readyState !== WebSocket.OPEN) return;
  if (now.socket.bufferedAmount > MOST_WAITING_BYTES) {
    now.droppedBlocks++;
    say(`The network is too slow: ${now.droppedBlocks} blocks dropped.`, true);
    return;
  }
  now.socket.send(samples);
}

async function stop(): Promise<void> {
  const last = listening;
  listening = null;
  stopButton.disabled = true;
  level.value = -60;
  if (last === null) return;
  last.socket?.close();
  for (const track of last.stream.getTracks()) track.stop();
  await last.context.close();
  say('Not listening.');
}

/** Browsers give the names of the inputs only after the user has allowed one. */
async function listInputs(): Promise<void> {
  if (!('mediaDevices' in navigator)) return;
  const inputs = (await navigator.mediaDevices.enumerateDevices()).filter(
    ({ kind }) => kind === 'audioinput',
  );
  const chosen = input.value;
  fill(
    input,
    make('option', { value: '' }, 'the default'),
    ...inputs
      .filter(({ deviceId }) => deviceId !== '')
      .map(({ deviceId, label }) => make('option', { value: deviceId }, label || 'unnamed')),
  );
  input.value = chosen;
}

find('#microphone').addEventListener('click', () => void start(openMicrophone));
find('#tab').addEventListener('click', () => void start(openTab));
stopButton.addEventListener('click', () => void stop());
listInputs().catch(() => undefined);
markStarted();
