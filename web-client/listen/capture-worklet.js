/* global AudioWorkletProcessor, registerProcessor */

/** Mixes the input down to one channel and passes it on in blocks of 1,024 samples. */
class Capture extends AudioWorkletProcessor {
  /* It is loaded as it is: no private names, which old browsers can't read. */
  constructor() {
    super();
    this.block = new Float32Array(1024);
    this.filled = 0;
  }

  process([input]) {
    if (input === undefined || input.length === 0) return true;
    const length = input[0].length;
    for (let i = 0; i < length; i++) {
      let sum = 0;
      for (const channel of input) sum += channel[i];
      this.block[this.filled++] = sum / input.length;
      if (this.filled < this.block.length) continue;
      this.port.postMessage(this.block, [this.block.buffer]);
      this.block = new Float32Array(1024);
      this.filled = 0;
    }
    return true;
  }
}

registerProcessor('capture', Capture);
