import type { Engine } from '../engine/index.ts';
import type { Model } from '../model/index.ts';
import type { ModelDescription } from '../weights/index.ts';

/**
 * Makes a model of the weights in a folder. The caller has read the description and checked the checksums of the weight
 * files.
 *
 * @throws SynestheteError OTHER_ARCHITECTURE or BAD_MODEL for settings that the architecture can't have, BAD_WEIGHTS
 * for a tensor that is missing or of another shape, ENGINE_FAILED.
 */
type Opener = (folder: string, description: ModelDescription, engine: Engine) => Promise<Model>;

/** How to open each architecture. Its code is imported only when a model of it is opened. */
export type Architectures = Readonly<Record<string, () => Promise<Opener>>>;

const trained = async (): Promise<Opener> => (await import('./end-to-end/trained-model.ts')).openTrainedModel;

export const ARCHITECTURES: Architectures = {
  cdcml: trained,
  'sp-net': trained,
  'l3-net': trained,
  'acp-net': trained,
  'cdcml-on-encoders': async () => (await import('./on-encoders/index.ts')).openCdcml,
};
