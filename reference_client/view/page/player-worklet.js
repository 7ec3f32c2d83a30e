// Plays samples in the order in which they come, and reports what it holds.
//
// In:  {samples: Int16Array, channel by channel}; {ends: true} where no more is to be expected; {empty: true} to hold nothing
// Out: {held, heard, played, underruns, dropped} in frames, and times, about ten times a second

const MOST = 12; // seconds that are held; of more the oldest goes
const REPORT = 0.1; // seconds between two reports

class Player extends AudioWorkletProcessor {
  constructor({ processorOptions }) {
    super();
    this.channels = processorOptions.channels;
    this.counts = { held: 0, heard: 0, played: 0, underruns: 0, dropped: 0 };
    this.forget();
    this.sinceReport = 0;
    this.port.onmessage = ({ data }) => this.take(data);
  }

  forget() {
    this.pieces = [];
    this.place = 0; // frames of the first piece that were played
    this.flows = false;
    this.ends = false;
    this.counts.held = this.counts.heard = 0;
  }

  take({ samples, ends, empty }) {
    if (empty) this.forget();
    if (ends) this.ends = true;
    if (!samples) return;
    this.ends = false;
    this.pieces.push(samples);
    const frames = samples.length / this.channels;
    this.counts.held += frames;
    this.counts.heard += frames;
    while (this.counts.held > MOST * sampleRate) {
      const lost = this.pieces.shift().length / this.channels - this.place;
      this.place = 0;
      this.counts.held -= lost;
      this.counts.dropped += lost;
    }
  }

  process(inputs, [output]) {
    const wanted = output[0].length;
    this.flows = this.flows || this.counts.held > 0;
    if (this.flows) {
      const found = this.play(output, wanted);
      this.counts.held -= found;
      this.counts.played += found;
      if (found < wanted) {
        this.flows = false;
        if (!this.ends) this.counts.underruns += 1;
      }
    }
    this.sinceReport += wanted;
    if (this.sinceReport >= REPORT * sampleRate) {
      this.sinceReport = 0;
      this.port.postMessage({ ...this.counts });
    }
    return true;
  }

  play(output, wanted) {
    let done = 0;
    while (done < wanted && this.pieces.length) {
      const piece = this.pieces[0];
      const frames = piece.length / this.channels;
      const count = Math.min(wanted - done, frames - this.place);
      for (let channel = 0; channel < output.length; channel += 1) {
        let from = this.place * this.channels + (channel % this.channels);
        for (let to = done; to < done + count; to += 1, from += this.channels) output[channel][to] = piece[from] / 32768;
      }
      done += count;
      this.place += count;
      if (this.place === frames) {
        this.pieces.shift();
        this.place = 0;
      }
    }
    return done;
  }
}

registerProcessor("player", Player);
