import { FEATURE_ROWS, FRAME_COUNT } from '../features/index.ts';
import { Graph } from '../graph/index.ts';
import type { ClipEncoder } from './clip-encoder.ts';
import { CLIP_BLOCKS, CLIP_STATISTICS, CLIP_STATISTICS_VERSION, clipStatistics } from './clip-statistics.ts';
import { featuresOf } from './clip-window.ts';

const SHAPE = [1, FEATURE_ROWS, FRAME_COUNT];

/** Statistics over time of all features but the tonnetz; see `clipStatistics`. */
export const FEATURE_STATISTICS: ClipEncoder = {
  name: 'feature-statistics',
  licence: 'MIT',
  source: 'this project',
  version: CLIP_STATISTICS_VERSION,
  blocks: CLIP_BLOCKS,
  width: CLIP_STATISTICS,
  needs: 'without-tonnetz',
  hasWeights: false,
  build: (features) => clipStatistics(features),
  async open(engine) {
    const graph = new Graph('feature statistics');
    graph.output('statistics', clipStatistics(graph.input('features', SHAPE)));
    const session = await engine.load(graph);
    return {
      async encode(clip) {
        const features = { dtype: 'float32', shape: SHAPE, data: featuresOf(clip) } as const;
        const { statistics } = await session.run({ features });
        return (statistics!.data as Float32Array).slice();
      },
      close: () => session.close(),
    };
  },
};
