import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { checkSoundFile } from '../../../streams/sources/check-file.ts';
import { encode } from './support/ffmpeg.ts';
import { wav16 } from './support/signals.ts';

const folder = t.testdir({});
const sound = wav16(22_050, 1, 22_050, (n) => Math.round(9000 * Math.sin(n / 9)));
writeFileSync(join(folder, 'tone.wav'), sound);

const HLS = '#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\ntone.wav\n#EXT-X-ENDLIST\n';
const DASH = '<MPD profiles="urn:mpeg:dash:profile:isoff-on-demand:2011"></MPD>';
const PLAYLISTS: Readonly<Record<string, Buffer>> = {
  'plain.m3u8': Buffer.from(HLS),
  'control.m3u8': Buffer.from(HLS.replace('tone', 'to\x01ne\x07')),
  'nul.wav': Buffer.from(HLS.replace('\n', '\n\0\0')),
  'latin.mp3': Buffer.from(HLS.replace('tone', 't\xf6ne\x02'), 'latin1'),
  'utf16.m3u': Buffer.from(`\ufeff${HLS}`, 'utf16le'),
  'marked.flac': Buffer.from(`\ufeff  ${HLS}\x03`),
  'concat.bin': Buffer.from('ffconcat version 1.0\nfile tone.wav\n\x01\x02'),
  'no-head.m3u': Buffer.from(`${'music/tone.wav\n'.repeat(9)}t\x01\x02.wav\n`),
  'winamp.pls': Buffer.from('[playlist]\nFile1=tone.wav\n\x05'),
  'dash.ogg': Buffer.from(`\x01\x02\x03\n${DASH}`),
  'dash.mpd': Buffer.from(`<?xml version="1.0"?>${DASH}\0`),
};

for (const [name, bytes] of Object.entries(PLAYLISTS)) {
  t.test(`${JSON.stringify(name)} is a playlist, whatever bytes are in it`, async (t) => {
    const path = join(folder, name);
    writeFileSync(path, bytes);
    await t.rejects(checkSoundFile(path), {
      code: 'NO_AUDIO',
      message: `${path} is a playlist: name the sound files that it lists`,
    });
  });
}

t.test('sound is none, also under the name of one', async () => {
  writeFileSync(join(folder, 'sound.m3u'), sound);
  await checkSoundFile(join(folder, 'sound.m3u'));
  for (const extension of ['mp3', 'ogg', 'flac', 'm4a', 'aiff']) {
    const path = join(folder, `tone.${extension}`);
    await encode('-i', join(folder, 'tone.wav'), '-metadata', 'title=#EXTM3U', path);
    await checkSoundFile(path);
  }
});
