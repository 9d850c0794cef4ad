import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { serve } from './support/serve.ts';
import { stateOf } from './support/fake-show.ts';

async function served(t: Parameters<typeof serve>[0]) {
  const folder = t.testdir({});
  mkdirSync(folder, { recursive: true });
  const result = await serve(t);
  const write = (name: string, content: string): string => {
    const path = join(folder, name);
    writeFileSync(path, content);
    return path;
  };
  result.show.addPicture('p', write('whole.webp', 'whole'));
  const get = (path: string, init: RequestInit = {}) => fetch(`http://${result.at}/${path}`, init);
  return { ...result, get, write };
}

const UHD = 'width=3840&height=2160';

t.test('a display learns where the best of a picture for its screen is, now and later', async (t) => {
  const { show, get, write } = await served(t);
  const ask = async () => (await get(`api/renditions/p?${UHD}`)).json() as Promise<{ url: string }>;
  t.strictSame(await ask(), { url: 'api/pictures/p', width: 1920, height: 1080, final: false });
  t.strictSame(show.wanted, [{ id: 'p', width: 3840, height: 2160, fit: 'cover' }]);

  const early = await get(`api/pictures/p?${UHD}&fit=pan`);
  t.equal(await early.text(), 'whole', 'until it is made, the picture of all screens');
  t.equal(early.headers.get('cache-control'), 'no-store', 'which nobody keeps in its place');
  t.match(show.wanted[1], { fit: 'pan' });

  const file = write('large.jpg', 'large and sharp');
  show.renditions.set('p', { file, type: 'image/jpeg', width: 3840, height: 2160 });
  const answer = await ask();
  t.strictSame(answer, {
    url: `api/pictures/p?${UHD}&fit=cover`,
    ...{ width: 3840, height: 2160, final: true },
  });
  const made = await get(answer.url);
  t.equal(await made.text(), 'large and sharp');
  t.match(made.headers.get('cache-control'), /max-age=600/);
  const tag = made.headers.get('etag')!;
  t.equal(
    (await get(answer.url, { headers: { 'if-none-match': tag, 'cache-control': 'max-age=0' } })).status,
    304,
  );
  const part = await get(answer.url, { headers: { range: 'bytes=0-4' } });
  t.equal(part.status, 206);
  t.equal(await part.text(), 'large');
  t.equal(await (await get('api/pictures/p')).text(), 'whole', 'the address of the stream stays as it was');
  t.equal(await (await get('api/pictures/p?t=123')).text(), 'whole', 'whatever else is in it');
});

t.test('sizes that no screen has are refused, and nothing is made', async (t) => {
  const { show, get } = await served(t);
  for (const query of [
    'width=3841&height=2160',
    'width=2160&height=1080',
    'width=3840',
    'height=2160',
    'fit=pan',
    'width=1e9&height=1e9',
    'width=-1920&height=1080',
    'width=1920.5&height=1080',
    'width=NaN&height=NaN',
    `${UHD}&fit=stretch`,
    `${UHD}&fit=../../x`,
  ]) {
    for (const room of ['pictures', 'renditions']) {
      const response = await get(`api/${room}/p?${query}`);
      t.equal(response.status, 400, `${room}: ${query}`);
      t.match(await response.json(), { ok: false, error: { code: 'malformed' } });
    }
  }
  t.match(await (await get('api/renditions/p?width=3841&height=2160')).json(), {
    error: { message: /^pictures are made for screens of 1920×1080, .*: ask for one of these sizes$/ },
  });
  t.equal((await get('api/renditions/p')).status, 400);
  t.equal((await get(`api/renditions/unknown?${UHD}`)).status, 404);
  t.equal((await get(`api/renditions/..%2f..%2fetc%2fpasswd?${UHD}`)).status, 404);
  t.strictSame(show.wanted, []);
});

t.test('the fits that an operator chose are in each state, where there are any', async (t) => {
  const { show, at } = await served(t);
  const fits = [{ display: 'left', fit: 'pan' }] as const;
  const newest = async (): Promise<unknown> =>
    ((await (await fetch(`http://${at}/api/state`)).json()) as { message: unknown }).message;
  show.states.next(stateOf('a'));
  t.notOk('fits' in ((await newest()) as object));
  show.states.next({ ...stateOf('a'), fits });
  t.match(await newest(), { fits });
});
