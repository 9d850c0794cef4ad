import { Worker } from 'node:worker_threads';
import { availableParallelism } from 'node:os';
import t from 'tap';
import { deviceSource } from '../../../streams/sources/index.ts';
import { pulseAudioMissing, startPulseAudio } from './support/pulseaudio.ts';
import { Comparison } from './support/comparison.ts';
import { noise16 } from './support/signals.ts';

const skip = await pulseAudioMissing();
const RATE = 22050;
const SECONDS = 20;

t.test('not one sample is lost in 20 s while all cores are busy', { skip }, async (t) => {
  const pulse = await startPulseAudio();
  t.teardown(() => pulse.stop());
  await pulse.loadSink('hall', RATE);
  const busy = Array.from({ length: availableParallelism() }, () => new Worker('for (;;);', { eval: true }));
  t.teardown(() => Promise.all(busy.map((worker) => worker.terminate())));

  const noise = noise16(SECONDS * RATE);
  const stereo = Float32Array.from({ length: 2 * noise.length }, (_, i) => noise[i >> 1]! / 32768);
  const comparison = new Comparison(Float32Array.from(noise, (x) => x / 32768));
  let position = 0;
  const troubles: string[] = [];
  await new Promise<void>((resolve, reject) => {
    let playing = false;
    const subscription = deviceSource('hall.monitor').events.subscribe({
      next: (event) => {
        if (event.kind !== 'block') {
          // How long the capture takes to start on a busy machine is not what is tested.
          if (playing && (event.kind === 'gap' || event.state !== 'delivering'))
            troubles.push(JSON.stringify(event));
          return;
        }
        if (event.startSample !== position)
          troubles.push(`a block at ${event.startSample}, not at ${position}`);
        position += event.samples.length;
        if (!playing) {
          playing = true;
          pulse.play('hall', RATE, stereo).catch(reject);
        }
        comparison.push(event.samples);
        if (!comparison.complete) return;
        subscription.unsubscribe();
        resolve();
      },
      error: reject,
    });
  });
  t.equal(comparison.wrong, 0, `of ${noise.length - comparison.skipped} samples`);
  t.same(troubles, []);
});
