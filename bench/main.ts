import { benchEngine } from './engine.ts';
import { benchFanout } from './fanout.ts';
import { benchFeatures } from './features.ts';
import { benchHearing } from './hearing.ts';
import { benchHidden } from './hidden.ts';
import { benchIndex } from './index.ts';
import { benchListen } from './listen.ts';
import { benchLive } from './live.ts';
import { machineLine } from './measure.ts';
import { benchReplay } from './replay.ts';
import { benchSearch } from './search.ts';
import { benchSoak } from './soak/index.ts';
import { benchTraining } from './training.ts';

/** Each returns its results as text. The soak takes an hour and runs only on request. */
const BENCHES: Readonly<Record<string, () => Promise<string>>> = {
  features: benchFeatures,
  hearing: benchHearing,
  listen: benchListen,
  engine: benchEngine,
  training: benchTraining,
  live: benchLive,
  replay: benchReplay,
  fanout: benchFanout,
  index: benchIndex,
  search: benchSearch,
  hidden: benchHidden,
  soak: benchSoak,
};

const names = process.argv.slice(2);
const unknown = names.find((name) => !(name in BENCHES));
if (unknown === undefined) {
  process.stdout.write(`${machineLine()}\n`);
  for (const [name, bench] of Object.entries(BENCHES)) {
    if (names.length === 0 ? name !== 'soak' : names.includes(name))
      process.stdout.write(`\n${name}\n${await bench()}\n`);
  }
} else {
  process.stderr.write(`there is no bench "${unknown}": choose from ${Object.keys(BENCHES).join(', ')}\n`);
  process.exitCode = 2;
}
