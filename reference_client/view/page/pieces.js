// Contents of a clipboard in pieces: u8 kind, u8 last, u16 0, u32 number of the request, and bytes.

const KIND = 2;
const HEAD = 8;
const PIECE = 256 << 10;

// The answer to a request; at least one piece.
export function* pieces(number, bytes) {
  let place = 0;
  do {
    const part = bytes.subarray(place, place + PIECE);
    place += PIECE;
    const piece = new Uint8Array(HEAD + part.length);
    const head = new DataView(piece.buffer);
    head.setUint8(0, KIND);
    head.setUint8(1, place >= bytes.length ? 1 : 0);
    head.setUint32(4, number, true);
    piece.set(part, HEAD);
    yield piece;
  } while (place < bytes.length);
}

// Puts the pieces of answers together, of at most so many bytes.
export class Pieces {
  static KIND = KIND;
  #largest;
  #found = new Map();

  constructor(largest) {
    this.#largest = largest;
  }

  // An ArrayBuffer with a piece: {number, bytes} where it is the last one, else null.
  take(data) {
    const head = new DataView(data);
    const number = head.getUint32(4, true);
    const parts = this.#found.get(number) ?? [];
    parts.push(new Uint8Array(data, HEAD));
    this.#found.set(number, parts);
    const size = parts.reduce((sum, part) => sum + part.length, 0);
    const last = head.getUint8(1) === 1;
    if (last || size > this.#largest) this.#found.delete(number);
    if (!last || size > this.#largest) return null;
    const bytes = new Uint8Array(size);
    let place = 0;
    for (const part of parts) {
      bytes.set(part, place);
      place += part.length;
    }
    return { number, bytes };
  }

  forget() {
    this.#found.clear();
  }
}
