import { createRequire } from 'node:module';
import { SynestheteError, messageOf } from '../errors.ts';
import { Graph, sizeOf } from '../graph/index.ts';
import type { Values } from '../graph/index.ts';
import type { Engine, EngineOptions, NamedValues, Session, Value } from './engine.ts';
import { interpretInTurns } from './interpreter.ts';
import type { Tf } from './tensorflow-node.ts';

const NATIVE = '@tensorflow/tfjs-node-gpu';
const PORTABLE = '@tensorflow/tfjs';

/** Imports a package that a user may have installed; null when it is not there. */
async function importOptional(name: string): Promise<unknown> {
  try {
    createRequire(import.meta.url).resolve(name);
  } catch {
    return null;
  }
  try {
    const imported = (await import(name)) as { default?: unknown };
    return imported.default ?? imported;
  } catch (error) {
    const reason = messageOf(error).split('\n')[0]!;
    throw new SynestheteError(
      'ENGINE_MISSING',
      `engine tensorflow: ${name} is installed but does not start (${reason}), run npm rebuild ${name}`,
      { cause: error, remedy: { kind: 'use-engine', engine: 'auto' } },
    );
  }
}

async function loadTensorflow(backend: string | undefined): Promise<Tf> {
  if (backend === undefined) {
    const native = await importOptional(NATIVE);
    if (native) return native as Tf;
    throw new SynestheteError(
      'ENGINE_MISSING',
      `engine tensorflow: ${NATIVE} is not installed; run npm install ${NATIVE}, or name an installed backend of ${PORTABLE}`,
    );
  }
  const tf = (await importOptional(PORTABLE)) as Tf | null;
  const missing = (what: string): SynestheteError =>
    new SynestheteError(
      'ENGINE_MISSING',
      `engine tensorflow: ${what} is not installed; run npm install ${what}`,
    );
  if (!tf) throw missing(PORTABLE);
  if (!tf.engine().registryFactory[backend] && !(await importOptional(`${PORTABLE}-backend-${backend}`))) {
    throw missing(`${PORTABLE}-backend-${backend}`);
  }
  if (!(await tf.setBackend(backend))) {
    throw new SynestheteError(
      'ENGINE_MISSING',
      `engine tensorflow: the backend "${backend}" does not start here, name another`,
      { remedy: { kind: 'use-engine', engine: 'auto' } },
    );
  }
  await tf.ready();
  return tf;
}

class TensorflowSession implements Session {
  readonly #tf: Tf;
  readonly #graph: Graph;
  readonly #signal: AbortSignal | undefined;

  constructor(tf: Tf, graph: Graph, signal: AbortSignal | undefined) {
    this.#tf = tf;
    this.#graph = graph;
    this.#signal = signal;
  }

  async run(feeds: NamedValues, into: NamedValues = {}): Promise<NamedValues> {
    const tf = this.#tf;
    const fed = [...this.#graph.inputs].map(([name, { shape, dtype }]) => {
      const value = feeds[name];
      if (value?.data.length !== sizeOf(shape)) {
        const found = value ? `has ${value.data.length} values` : 'is missing';
        throw new SynestheteError(
          'ENGINE_FAILED',
          `the graph's input "${name}" [${shape.join(', ')}] ${found}`,
        );
      }
      return [name, tf.tensor(value.data, [...shape], dtype)] as const;
    });
    try {
      const outputs = await interpretInTurns(tf, this.#graph, Object.fromEntries(fed), this.#signal);
      const results: Record<string, Value> = {};
      for (const [name, tensor] of Object.entries(outputs)) {
        const data: Values = await tensor.data();
        into[name]?.data.set(data);
        results[name] = into[name] ?? { dtype: tensor.dtype as Value['dtype'], shape: tensor.shape, data };
      }
      tf.dispose(Object.values(outputs));
      return results;
    } finally {
      tf.dispose(fed.map(([, tensor]) => tensor));
    }
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

/** Interprets graphs with TensorFlow.js: natively on a GPU, or on a backend that the user names. */
export class TensorflowEngine implements Engine {
  readonly provider = 'tensorflow';
  readonly description: string;
  readonly #tf: Tf;
  readonly #signal: AbortSignal | undefined;

  private constructor(tf: Tf, signal: AbortSignal | undefined) {
    this.#tf = tf;
    this.#signal = signal;
    this.description = `tensorflow (TensorFlow.js ${tf.version_core}, backend ${tf.getBackend()})`;
  }

  /** @throws SynestheteError ENGINE_MISSING, which names the package to install */
  static async open(options: EngineOptions = {}): Promise<TensorflowEngine> {
    return new TensorflowEngine(await loadTensorflow(options.tensorflowBackend), options.signal);
  }

  load(model: Graph | Uint8Array): Promise<Session> {
    if (!(model instanceof Graph)) {
      return Promise.reject(
        new SynestheteError('ENGINE_FAILED', 'engine tensorflow runs graphs, not ONNX files', {
          remedy: { kind: 'use-engine', engine: 'cpu' },
        }),
      );
    }
    return Promise.resolve(new TensorflowSession(this.#tf, model, this.#signal));
  }
}
