// Collects what a microphone hears into packets of 10 ms: Int16Array, channel by channel, behind room for a head of 8 bytes.

const HEAD = 4; // samples

class Microphone extends AudioWorkletProcessor {
  constructor({ processorOptions }) {
    super();
    this.channels = processorOptions.channels;
    this.size = Math.round(sampleRate / 100);
    this.begin();
  }

  begin() {
    this.packet = new Int16Array(HEAD + this.size * this.channels);
    this.have = 0;
  }

  process([input]) {
    const frames = input.length ? input[0].length : 0;
    for (let frame = 0; frame < frames; frame += 1) {
      for (let channel = 0; channel < this.channels; channel += 1) {
        const sample = input[Math.min(channel, input.length - 1)][frame];
        this.packet[HEAD + this.have * this.channels + channel] = Math.max(-32768, Math.min(32767, Math.round(sample * 32768)));
      }
      this.have += 1;
      if (this.have === this.size) {
        this.port.postMessage(this.packet, [this.packet.buffer]);
        this.begin();
      }
    }
    return true;
  }
}

registerProcessor("microphone", Microphone);
