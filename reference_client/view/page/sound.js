// What the guest plays is heard here, and the microphone is heard by the guest while that listens.

const KIND = 1;
const HEAD = 8; // bytes: u8 kind, u8 channels, u16 0, u32 rate

export function start(connection, root) {
  const player = new Player(connection);
  const microphone = new Microphone(connection);
  const state = document.getElementById("sound-words");
  const sound = toggle("Sound", true, (on) => player.want(on));
  const speak = toggle("Microphone", false, (on) => microphone.want(on));
  root.setAttribute("aria-label", "Sound");
  root.append(sound, speak);

  // Who may not speak can still stop to.
  const offer = () => (speak.disabled = !connection.acts && speak.getAttribute("aria-pressed") === "false");
  speak.addEventListener("click", offer);
  connection.on("acts", offer);
  connection.on("opened", () => (sound.disabled = false));
  for (const end of ["closed", "ended"]) connection.on(end, () => (sound.disabled = true));
  offer();

  const show = () => {
    root.dataset.player = JSON.stringify(player.counts);
    state.textContent = state.title = [player.text, microphone.text].filter(Boolean).join("; ");
  };
  player.changed = microphone.changed = show;
  // Browsers are silent before somebody has touched the page.
  for (const touch of ["pointerdown", "keydown"]) addEventListener(touch, () => player.touched(), { capture: true });
}

function toggle(name, on, act) {
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = name;
  button.setAttribute("aria-pressed", on);
  button.onclick = () => {
    on = !on;
    button.setAttribute("aria-pressed", on);
    act(on);
  };
  return button;
}

// What lasts a while and may be asked for anew meanwhile: one after the other, and only the newest.
class Turns {
  #wanted = 0;
  #last = Promise.resolve();

  // act() gets a function that says whether it is still wanted.
  take(act) {
    const mine = (this.#wanted += 1);
    const wanted = () => mine === this.#wanted;
    this.#last = this.#last.then(() => (wanted() ? act(wanted) : undefined)).catch(console.error);
  }
}

class Player {
  text = "";
  counts = {};
  changed = () => {};
  #connection;
  #turns = new Turns();
  #wanted = true;
  #format = null; // of what the guest plays: {playing, channels, rate, text, muted}
  #context = null;
  #node = null;
  #made = ""; // for which format they were made, and for which connection
  #visit = 0;
  #plays = false; // packets that come are to be heard

  constructor(connection) {
    this.#connection = connection;
    connection.on("playback", (format) => {
      this.#format = format;
      if (!format.playing) this.#node?.port.postMessage({ ends: true });
      this.#settle();
    });
    connection.on("sound", () => {
      this.#node?.port.postMessage({ empty: true });
      this.#plays = this.#node !== null;
    });
    connection.on("closed", () => {
      this.#visit += 1;
      this.#plays = false;
      this.#format = null;
      this.#settle();
    });
    connection.onKind(KIND, (data) => this.#heard(data));
  }

  want(on) {
    this.#wanted = on;
    this.#settle();
  }

  touched() {
    if (this.#context?.state === "suspended") this.#context.resume();
  }

  #heard(data) {
    if (!this.#plays) return;
    const head = new DataView(data);
    if (this.#made !== this.#named(head.getUint8(1), head.getUint32(4, true))) return;
    const samples = new Int16Array(data, HEAD);
    this.#node.port.postMessage({ samples }, [data]);
  }

  #named(channels, rate) {
    return `${channels} ${rate} ${this.#visit}`;
  }

  #settle() {
    this.#turns.take((wanted) => this.#become(wanted));
  }

  // Be as it is wanted: with a context for the format of the guest, or without one.
  async #become(wanted) {
    const format = this.#format;
    const on = this.#wanted && format !== null && format.rate > 0 && !format.text;
    const made = on ? this.#named(format.channels, format.rate) : "";
    if (made !== this.#made) {
      await this.#close();
      try {
        if (made) await this.#open(format, made);
      } catch (error) {
        await this.#close();
        this.#say(`no sound: ${error.message}`);
        return;
      }
    }
    if (wanted()) this.#tell();
  }

  async #open({ channels, rate }, made) {
    if (!globalThis.AudioWorkletNode) throw new Error("the page needs https, or an address of this machine");
    const context = (this.#context = new AudioContext({ sampleRate: rate }));
    await context.audioWorklet.addModule("player-worklet.js");
    const options = { numberOfInputs: 0, outputChannelCount: [channels], processorOptions: { channels } };
    const node = (this.#node = new AudioWorkletNode(context, "player", options));
    node.port.onmessage = ({ data }) => this.#report(data);
    node.connect(context.destination);
    this.#made = made;
    context.onstatechange = () => {
      if (context !== this.#context) return;
      this.#plays = false;
      this.#connection.send({ do: "sound", on: context.state === "running" });
      this.#tell();
    };
    if (context.state === "running") this.#connection.send({ do: "sound", on: true });
  }

  async #close() {
    const context = this.#context;
    if (this.#node) this.#node.port.onmessage = null;
    this.#plays = false;
    this.#context = this.#node = null;
    this.#made = "";
    this.counts = {};
    if (context === null) return;
    this.#connection.send({ do: "sound", on: false });
    await context.close();
  }

  #report(counts) {
    this.counts = counts;
    if (this.#context === null || !this.#plays) return;
    const rate = this.#context.sampleRate;
    const milliseconds = (frames) => Math.round((1000 * frames) / rate);
    // What has left the worklet is not heard yet; where it holds nothing any more, there is nothing to be reckoned with.
    const late = counts.held > 0 ? Math.round(1000 * (this.#context.outputLatency || 0)) : 0;
    this.#connection.send({ do: "sound-held", held: milliseconds(counts.held) + late, heard: milliseconds(counts.heard) });
    this.#tell();
  }

  #tell() {
    const format = this.#format;
    if (format === null || !this.#wanted) this.#say("");
    else if (format.text) this.#say(`no sound: ${format.text}`);
    else if (!format.playing) this.#say("the guest plays nothing");
    else if (format.muted) this.#say("the guest is muted");
    else if (this.#context?.state === "suspended") this.#say("sound begins when the page is touched");
    else this.#say(this.counts.underruns ? `sound was interrupted ${this.counts.underruns} times` : "the guest plays");
  }

  #say(text) {
    this.text = text;
    this.changed();
  }
}

class Microphone {
  text = "";
  changed = () => {};
  #connection;
  #turns = new Turns();
  #wanted = false;
  #controls = true;
  #format = null; // of what the guest wants to hear: {listening, channels, rate}
  #context = null;
  #stream = null;
  #made = ""; // for which format they were made, and for which connection
  #visit = 0;

  constructor(connection) {
    this.#connection = connection;
    connection.on("record", (format) => {
      this.#format = format;
      this.#settle();
    });
    connection.on("control", ({ here }) => {
      this.#controls = here;
      this.#settle();
    });
    connection.on("closed", () => {
      this.#visit += 1;
      this.#format = null;
      this.#settle();
    });
  }

  want(on) {
    this.#wanted = on;
    this.#settle();
  }

  #settle() {
    this.#turns.take((wanted) => this.#become(wanted));
  }

  // A microphone is open only while the guest listens.
  async #become(wanted) {
    const format = this.#format;
    const on = this.#wanted && this.#controls && format?.listening;
    const made = on ? `${format.channels} ${format.rate} ${this.#visit}` : "";
    if (made !== this.#made) {
      await this.#close();
      try {
        if (made) await this.#open(format, made, wanted);
      } catch (error) {
        await this.#close();
        this.#say(`no microphone: ${error.name}: ${error.message}`);
        return;
      }
    }
    if (!this.#wanted) this.#say("");
    else if (!this.#controls) this.#say("the microphone is not heard: another page controls the guest");
    else this.#say(this.#made ? "the guest hears the microphone" : "the microphone is closed: the guest does not listen");
  }

  async #open({ channels, rate }, made, wanted) {
    if (!navigator.mediaDevices) throw new Error("the page needs https, or an address of this machine");
    this.#say("the browser is asked for the microphone");
    this.#stream = await navigator.mediaDevices.getUserMedia({ audio: true });
    if (!wanted()) {
      await this.#close();
      return;
    }
    const context = (this.#context = new AudioContext({ sampleRate: rate }));
    await context.audioWorklet.addModule("microphone-worklet.js");
    const node = new AudioWorkletNode(context, "microphone", { outputChannelCount: [1], processorOptions: { channels } });
    node.port.onmessage = ({ data }) => {
      const head = new DataView(data.buffer);
      head.setUint8(0, KIND);
      head.setUint8(1, channels);
      head.setUint32(4, rate, true);
      this.#connection.sendBytes(new Uint8Array(data.buffer));
    };
    context.createMediaStreamSource(this.#stream).connect(node);
    node.connect(context.destination); // silence; what leads nowhere may not run
    await context.resume();
    this.#made = made;
    this.#connection.send({ do: "microphone", on: true });
  }

  async #close() {
    const context = this.#context;
    for (const track of this.#stream?.getTracks() ?? []) track.stop();
    if (this.#made) this.#connection.send({ do: "microphone", on: false });
    this.#context = this.#stream = null;
    this.#made = "";
    await context?.close();
  }

  #say(text) {
    this.text = text;
    this.changed();
  }
}
