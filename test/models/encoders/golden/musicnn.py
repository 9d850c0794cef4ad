"""Makes the numbers beside this file: python musicnn.py musicnn-msd.onnx (with numpy, onnx and onnxruntime).

musicnn-outputs.npy: penultimate, mean and max (1,706 numbers) of two patches made by formula, from the original
network with its kernels and matrices rounded to half precision, as the project keeps them.
musicnn-patch.npy: every 8th of the 187 log-mel frames, every 250 samples, of three tones, at 16 kHz from the start.
"""
import sys
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
from onnx import numpy_helper

folder = Path(__file__).parent

model = onnx.load(sys.argv[1])
for node in model.graph.node:
    if node.op_type != 'Constant':
        continue
    value = numpy_helper.to_array(node.attribute[0].t)
    if value.dtype == np.float32 and np.sum(np.array(value.shape) > 1) > 1:
        rounded = value.astype(np.float16).astype(np.float32)
        node.attribute[0].t.CopyFrom(numpy_helper.from_array(rounded))
session = onnxruntime.InferenceSession(model.SerializeToString(), providers=['CPUExecutionProvider'])
t, f = np.arange(187)[:, None], np.arange(96)[None]


def patch(k):
    wave = np.sin(t * (0.11 + 0.07 * k)) * np.cos(f * 0.19)
    steps = 0.8 * ((t * 7 + f * 3 + k * 5) % 11) / 11
    return np.maximum(0, 2.5 - 0.02 * f * (1 + k) + wave + steps).astype(np.float32)


outputs = session.run(['penultimate', 'mean', 'max'], {'mel': np.stack([patch(0), patch(1)])})
np.save(folder / 'musicnn-outputs.npy', np.concatenate(outputs, 1).astype(np.float32))

# The power in 96 triangles on Slaney's scale, each of them divided by half its width, as librosa's mel filters are.
def mel_to_hz(mel):
    return np.where(mel < 15, mel * 200 / 3, 1000 * np.exp((mel - 15) * np.log(6.4) / 27))


top = 15 + np.log(8) / (np.log(6.4) / 27)
edges = mel_to_hz(np.linspace(0, top, 98))
hz = np.arange(257) * 16000 / 512
low, middle, high = edges[:-2, None], edges[1:-1, None], edges[2:, None]
bank = np.maximum(0, np.minimum((hz - low) / (middle - low), (high - hz) / (high - middle))) * 2 / (high - low)

seconds = np.arange(48000) / 16000
tone = lambda hertz: np.sin(2 * np.pi * hertz * seconds)
sound = 0.3 * tone(220) + 0.2 * tone(1300) * (1 + tone(3)) / 2 + 0.1 * tone(6000)
padded = np.concatenate([sound, np.zeros(256)])
starts = 48000 - 187 * 250 - 256 + 250 * np.arange(187)
window = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(512) / 512)
frames = np.stack([padded[s:s + 512] * window for s in starts])
mel = np.abs(np.fft.rfft(frames)) ** 2 @ bank.T
np.save(folder / 'musicnn-patch.npy', np.log10(10000 * mel + 1).astype(np.float32)[::8])
