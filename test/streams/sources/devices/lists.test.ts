import t from 'tap';
import { alsa, parseMostChannels, parsePcms } from '../../../../streams/sources/devices/alsa.ts';
import type { Device } from '../../../../streams/sources/devices/device.ts';
import {
  avfoundation,
  dshow,
  parseAvfoundation,
  parseDshow,
} from '../../../../streams/sources/devices/ffmpeg-capture.ts';
import { parseSources, pulse } from '../../../../streams/sources/devices/pulse.ts';

/** What the programs say, as they were seen to say it; shortened. */

const SOURCES = `Source #0
	State: IDLE
	Name: hall.monitor
	Description: Monitor of Büro PA
	Driver: module-null-sink.c
	Sample Specification: s16le 6ch 48000Hz
	Monitor of Sink: hall
	Properties:
		device.description = "Monitor of Büro PA"
		device.class = "monitor"
	Formats:
		pcm

Source #3
	State: SUSPENDED
	Name: alsa_input.usb-Focusrite_Scarlett.analog-stereo
	Description: Scarlett 2i2 USB
	Driver: module-alsa-card.c
	Sample Specification: s32le 2ch 44100Hz
	Monitor of Sink: n/a
	Properties:
		device.bus_path = "pci-0000:00:14.0-usb-0:2:1.0"
		device.vendor.id = "1235"
		device.product.id = "8210"
		alsa.card_name = "Name: of the card"
`;
const INFO = `Server Name: pulseaudio
Default Sample Specification: s16le 2ch 44100Hz
Default Sink: hall
Default Source: alsa_input.usb-Focusrite_Scarlett.analog-stereo
Cookie: 5ddb:9e0b
`;

t.test('PulseAudio', async (t) => {
  const devices = parseSources(SOURCES, INFO);
  t.match(devices, [
    { name: 'hall.monitor', description: 'Monitor of Büro PA', kind: 'monitor', rateHz: 48000, channels: 6 },
    {
      name: 'alsa_input.usb-Focusrite_Scarlett.analog-stereo',
      description: 'Scarlett 2i2 USB',
      kind: 'input',
      rateHz: 44100,
      channels: 2,
      hardware: 'pci-0000:00:14.0-usb-0:2:1.0 1235 8210 ',
      appearance: '5ddb:9e0b#3',
      isDummy: false,
    },
  ]);
  t.equal(devices[0]!.hardware, undefined);
  const twins = parseSources(SOURCES.replace(/Name: alsa\S+/, 'Name: hall.monitor'), INFO);
  t.same(
    twins.map(({ address }) => address),
    ['0', '3'],
    'of one name',
  );
  t.same(
    devices.map(({ isDefaultInput, isDefaultMonitor }) => [isDefaultInput, isDefaultMonitor]),
    [
      [false, true],
      [true, false],
    ],
  );
  t.match(
    parseSources(SOURCES, 'Default Sink: bar\nDefault Source: hall.monitor\n'),
    [{ isDefaultInput: true, isDefaultMonitor: false }],
    'the monitor of another output may be the default source',
  );
  t.same(parseSources('', 'Default Sink: x\n'), []);
  const { program, args, format, notice, env } = await pulse.capture(devices[0]!);
  t.equal(program, 'parec');
  t.ok(
    args.includes('--device=hall.monitor') && args.includes('--rate=48000') && args.includes('--channels=6'),
  );
  t.ok(args.includes('--no-remap') && args.includes('--no-remix'), 'channel by channel');
  t.same(format, { encoding: 'f32le', rateHz: 48000, channels: 6 });
  t.equal(env?.['LC_ALL'], 'C', 'messages that are read are not translated');
  t.same(notice('Connected to device hall.monitor (index: 0, suspended: no).'), {
    kind: 'listening',
    device: 'hall.monitor',
  });
  t.same(notice('Stream moved to device bar.monitor (1, not suspended).\x1b[K'), {
    kind: 'listening',
    device: 'bar.monitor',
  });
  t.same(notice('Stream error: No such entity'), { kind: 'complaint', text: 'No such entity' });
  t.equal(notice('Time: 0.019 sec; Latency: -693 usec.        '), undefined);
});

const PCMS = `null
    Discard all samples (playback) or generate zero samples (capture)
default
    Default Audio Device
hw:CARD=PCH,DEV=0
    HDA Intel PCH, ALC257 Analog
    Direct hardware device without any conversions
plughw:CARD=PCH,DEV=0
    HDA Intel PCH, ALC257 Analog
    Hardware device with all software conversions
plughw:CARD=Loopback,DEV=1
    Loopback, Loopback PCM
    Hardware device with all software conversions
usbstream:CARD=PCH
    HDA Intel PCH
    USB Stream Output
`;

t.test('ALSA', async (t) => {
  const devices = parsePcms(PCMS);
  t.same(
    devices.map(({ name, description, isDefaultInput, kind }) => [name, description, isDefaultInput, kind]),
    [
      ['default', 'Default Audio Device', true, 'input'],
      ['plughw:CARD=PCH,DEV=0', 'HDA Intel PCH, ALC257 Analog', false, 'input'],
      ['plughw:CARD=Loopback,DEV=1', 'Loopback, Loopback PCM', false, 'input'],
    ],
  );
  t.same(parsePcms(''), []);
  const { args, notice } = await alsa.capture(devices[1]!);
  t.ok(args.includes('--device=plughw:CARD=PCH,DEV=0'));
  t.same(notice('overrun!!! (at least 12.345 ms long)'), { kind: 'overrun', lostMs: 12.345 });
  t.same(notice('arecord: main:831: audio open error: Device or resource busy'), {
    kind: 'complaint',
    text: 'audio open error: Device or resource busy',
  });
  t.ok(args.includes('--channels=2'));
  for (const [line, most] of [
    ['CHANNELS: 18', 18],
    ['CHANNELS: [1 2]', 2],
    ['CHANNELS: [2 32]', 32],
    ['CHANNELS: (4 10)', 10],
  ] as const) {
    t.equal(
      parseMostChannels(`HW Params of device "hw:X":\nFRAME_BITS: 32\n${line}\nRATE: 48000\n`),
      most,
      line,
    );
  }
  t.equal(parseMostChannels('arecord: main:831: audio open error'), undefined);
  t.equal(notice("Recording raw data 'stdin' : Signed 16 bit Little Endian"), undefined);
});

const AVFOUNDATION = `[AVFoundation indev @ 0x7ff80b497440] AVFoundation video devices:
[AVFoundation indev @ 0x7ff80b497440] [0] FaceTime HD Camera
[AVFoundation indev @ 0x7ff80b497440] [1] Capture screen 0
[AVFoundation indev @ 0x7ff80b497440] AVFoundation audio devices:
[AVFoundation indev @ 0x7ff80b497440] [0] BlackHole 2ch
[AVFoundation indev @ 0x7ff80b497440] [1] 4i4 USB: Line [left]
: Input/output error
`;

t.test('macOS', async (t) => {
  const devices = parseAvfoundation(AVFOUNDATION);
  t.same(
    devices.map(({ name, address }) => [name, address]),
    [
      ['BlackHole 2ch', '0'],
      ['4i4 USB: Line [left]', '1'],
    ],
  );
  const { args, format, notice } = await avfoundation.capture(devices[1]!);
  t.match(args.join(' '), /-f avfoundation -audio_device_index 1 -i : /);
  t.equal(format, 'wav');
  t.same(notice('[avfoundation @ 0x7f8] Invalid audio device index'), {
    kind: 'complaint',
    text: 'Invalid audio device index',
  });
});

/** ffmpeg 4 puts devices under headlines; ffmpeg 5 and newer put their kind behind them. */
const DSHOW_4 = `[dshow @ 00000000001c23c0] DirectShow video devices (some may be both video and audio devices)
[dshow @ 00000000001c23c0]  "Integrated Webcam"
[dshow @ 00000000001c23c0]     Alternative name "@device_pnp_\\\\?\\usb#vid_0c45"
[dshow @ 00000000001c23c0] DirectShow audio devices
[dshow @ 00000000001c23c0]  "麦克风 (High Definition Audio 设备)"
[dshow @ 00000000001c23c0]     Alternative name "@device_cm_{33D9A762}\\wave_{E26AD2BE}"
[dshow @ 00000000001c23c0]  "virtual-audio-capturer"
[dshow @ 00000000001c23c0]     Alternative name "@device_sw_{33D9A762}\\{8E146464}"
dummy: Immediate exit requested
`;
const DSHOW_8 = `[in#0 @ 000001bd07e70b00] "screen-capture-recorder" (video)\r
[in#0 @ 000001bd07e70b00]   Alternative name "@device_sw_{860BB310}"\r
[dshow @ 000002798dd4fb80] "Wave Link Monitor (Elgato Wave:3)" (audio)\r
[dshow @ 000002798dd4fb80]   Alternative name "@device_cm_{33D9A762}\\wave_{6DAD5C}"\r
[dshow @ 000002798dd4fb80] "Capture card" (audio, video)\r
[dshow @ 000002798dd4fb80]   Alternative name "@device_pnp_7"\r
[in#0 @ 000001bd07e70b00] Error opening input: Immediate exit requested\r
`;

t.test('Windows', async (t) => {
  const names = (devices: Device[]) => devices.map(({ name, address }) => [name, address]);
  t.same(names(parseDshow(DSHOW_4)), [
    ['麦克风 (High Definition Audio 设备)', '@device_cm_{33D9A762}\\wave_{E26AD2BE}'],
    ['virtual-audio-capturer', '@device_sw_{33D9A762}\\{8E146464}'],
  ]);
  const devices = parseDshow(DSHOW_8);
  t.same(names(devices), [
    ['Wave Link Monitor (Elgato Wave:3)', '@device_cm_{33D9A762}\\wave_{6DAD5C}'],
    ['Capture card', '@device_pnp_7'],
  ]);
  const { args } = await dshow.capture(devices[0]!);
  const input = args.indexOf('-i');
  t.equal(args[input + 1], 'audio=@device_cm_{33D9A762}\\wave_{6DAD5C}');
  t.ok(args.indexOf('-audio_buffer_size') < input, 'options of the input stand before it');
});

t.test('an ffmpeg without the devices of the system says so', async (t) => {
  const other = process.platform === 'darwin' ? dshow : avfoundation;
  await t.rejects(other.list(), { code: 'PROGRAM_MISSING', message: /it has no (dshow|avfoundation)/ });
});
