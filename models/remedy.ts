/** A setting of a request, by its name in a program. The command line has an option for each. */
export type Setting =
  | 'images'
  | 'music'
  | 'pairs'
  | 'pairsForm'
  | 'imageWeights'
  | 'musicWeights'
  | 'scale'
  | 'skipBad'
  | 'learningRate'
  | 'backend'
  | 'encoderSize'
  | 'encoderLayout'
  | 'encoderMean'
  | 'encoderDeviation'
  | 'encoderPooling';

/**
 * What cures an error, as data. Each caller words it in its own terms: the command line with its options
 * (`src/cli/terminal/remedies.ts`), a program as it likes.
 */
export type Remedy =
  /** Give these settings, the last of them with this value or one like it. */
  | {
      readonly kind: 'give';
      readonly settings: readonly Setting[];
      readonly value?: string;
      readonly example?: string;
    }
  | { readonly kind: 'leave-out'; readonly settings: readonly Setting[] }
  /** Resume with the setting that the training began with. */
  | { readonly kind: 'same-setting'; readonly setting: Setting }
  | { readonly kind: 'use-engine'; readonly engine: 'auto' | 'cpu' }
  /** Run the same on the cpu, which tells whether the engine or the weights are at fault. */
  | { readonly kind: 'compare-with-cpu' }
  /** ONNX Runtime's CUDA libraries are an extra download. */
  | { readonly kind: 'install-cuda' }
  | { readonly kind: 'other-model' }
  | { readonly kind: 'other-index' }
  | { readonly kind: 'standard-input' }
  | { readonly kind: 'describe-samples' }
  /** Listen to one channel alone, such as this one, from 1 on. */
  | { readonly kind: 'cancelling-channels'; readonly channel: number }
  | { readonly kind: 'other-scale' }
  | { readonly kind: 'skip-bad' }
  | { readonly kind: 'name-encoder-output' }
  | { readonly kind: 'other-encoder-size' }
  | { readonly kind: 'list-settings' }
  | { readonly kind: 'train-on-encoders' }
  | { readonly kind: 'train-in-one-process' }
  | { readonly kind: 'learn-from-one-rating' }
  | { readonly kind: 'initial-weights'; readonly of: readonly ('images' | 'music')[] }
  | { readonly kind: 'weights-of-package' }
  | { readonly kind: 'pretrained-backbone' }
  | { readonly kind: 'released-manifests' }
  | { readonly kind: 'smaller-micro-batch'; readonly batch: number }
  | { readonly kind: 'resume' }
  /** Resume from the last good checkpoint in the folder `out`, with a learning rate below this one. */
  | { readonly kind: 'lower-learning-rate'; readonly out: string; readonly learningRate: number };

/** Called with one line for a person, and what to do about it where something can be done. */
export type Notice = (line: string, remedy?: Remedy) => void;
