import p5 from 'p5';
import { ShowClient } from 'synesthete/client';

const server = new URLSearchParams(location.search).get('show') ?? 'http://127.0.0.1:8090';

/** The picture on show as dots, which grow with the level and are thrown about by onsets. */
new p5((p) => {
  const STEP = 14;
  let picture;
  let shown;
  let message;
  let jolt = 0;

  async function load(image) {
    shown = image.id;
    const loaded = await p.loadImage(client.address(image.url));
    if (shown !== image.id) return; // another one came meanwhile
    loaded.resize(Math.ceil(p.width / STEP), Math.ceil(p.height / STEP));
    loaded.loadPixels();
    picture = loaded;
  }

  const client = new ShowClient(server, {
    hello: { name: 'p5' },
    onShow(newest) {
      message = newest;
      if (newest.level.onset) jolt = 1;
      const { image } = newest.show;
      if (image !== null && image.id !== shown) load(image).catch(() => (shown = undefined));
    },
  });

  const isBlack = () => message?.show.state === 'blackout';
  setInterval(
    () =>
      client.report({
        picture: picture === undefined ? null : shown,
        black: isBlack(),
        visible: !document.hidden,
      }),
    2000,
  );

  p.setup = () => {
    p.createCanvas(p.windowWidth, p.windowHeight);
    p.noStroke();
  };

  p.draw = () => {
    p.background(0);
    if (picture === undefined || isBlack()) return;
    jolt *= 0.9;
    const size = STEP * (0.7 + 2 * message.level.rms);
    const throwBy = STEP * jolt * message.mood.arousal;
    for (let y = 0; y < picture.height; y++) {
      for (let x = 0; x < picture.width; x++) {
        const at = 4 * (y * picture.width + x);
        p.fill(picture.pixels[at], picture.pixels[at + 1], picture.pixels[at + 2]);
        p.circle(STEP * x + throwBy * p.random(-1, 1), STEP * y + throwBy * p.random(-1, 1), size);
      }
    }
  };
});
