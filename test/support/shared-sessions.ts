import { createHash } from 'node:crypto';
import { InferenceSession } from 'onnxruntime-node';

/*
 * Imported by a test, it has graphs with the same bytes and options share one session of ONNX Runtime in its process: in tests, making
 * one takes many times as long as all that is run in it. A session keeps nothing from one run to the next. One that is released
 * refuses to run, as it does without this; what is shared stays until the process ends.
 */

type Options = InferenceSession.SessionOptions;
type Create = (model: Uint8Array, options?: Options) => Promise<InferenceSession>;

const shared = new Map<string, Promise<InferenceSession>>();
const create = InferenceSession.create.bind(InferenceSession) as Create;

/** One of several that share a session. */
function sharing(session: InferenceSession): InferenceSession {
  let isReleased = false;
  return Object.create(session, {
    run: {
      value: (...given: Parameters<InferenceSession['run']>) =>
        isReleased ? Promise.reject(new Error('the session is released')) : session.run(...given),
    },
    release: {
      value: () => {
        if (isReleased) return Promise.reject(new Error('the session is released already'));
        isReleased = true;
        return Promise.resolve();
      },
    },
  }) as InferenceSession;
}

const createShared: Create = async (model, options) => {
  const key = createHash('sha256').update(model).update(JSON.stringify(options)).digest('hex');
  const made = shared.get(key) ?? create(model, options);
  shared.set(key, made);
  return sharing(await made);
};
InferenceSession.create = createShared as typeof InferenceSession.create;
