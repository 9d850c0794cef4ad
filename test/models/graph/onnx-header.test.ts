import t from 'tap';
import { readOnnxHeader } from '../../../models/graph/index.ts';
import { onnxEncoder } from '../../support/onnx-encoder.ts';

t.test('an ONNX file tells its inputs, outputs, free lengths and metadata', async (t) => {
  const bytes = onnxEncoder({ batch: 0, isFreeSize: true, metadata: { author: 'a formula' } });
  t.same(readOnnxHeader(bytes), {
    inputs: [{ name: 'pictures', type: 'float32', shape: ['batch', 3, 'height', 'width'] }],
    outputs: [{ name: 'features', type: 'float32', shape: undefined }],
    metadata: new Map([['author', 'a formula']]),
    externalFiles: [],
  });
  t.match(readOnnxHeader(onnxEncoder({ isNameless: true, inputType: 17 })), {
    inputs: [{ type: 'type 17', shape: [null, null, null, null] }],
  });
  t.same(readOnnxHeader(onnxEncoder({ external: 'weights.bin' }))!.externalFiles, ['weights.bin']);
});

t.test('what is no ONNX file has no header, and nothing else goes wrong', async (t) => {
  const texts = ['', 'a text', '<!doctype html>', 'file,valence,arousal\n', '\n\n\n', ': : :'];
  for (const text of texts) t.equal(readOnnxHeader(Buffer.from(text)), undefined, JSON.stringify(text));
  const whole = onnxEncoder();
  for (const length of [1, 10, 100, whole.length >> 1, whole.length - 1]) {
    t.doesNotThrow(() => readOnnxHeader(whole.subarray(0, length)), `${length} bytes of a file`);
  }
});
