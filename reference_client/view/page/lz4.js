// A block of LZ4 (the block format of lz4.org), decoded. What does not fit throws a RangeError.

export function decode(source, target) {
  const end = source.length;
  const most = target.length;
  let at = 0;
  let to = 0;
  while (at < end) {
    const token = source[at++];
    let literals = token >> 4;
    if (literals === 15) {
      let more;
      do literals += more = source[at++];
      while (more === 255);
    }
    const literalsEnd = at + literals;
    if (!(literalsEnd <= end && to + literals <= most)) throw new RangeError("literals of LZ4 that are not there");
    if (literals > 24) {
      target.set(source.subarray(at, literalsEnd), to);
      to += literals;
      at = literalsEnd;
    } else {
      while (at < literalsEnd) target[to++] = source[at++];
    }
    if (at === end) break;
    const offset = source[at] | (source[at + 1] << 8);
    at += 2;
    let length = token & 15;
    if (length === 15) {
      let more;
      do length += more = source[at++];
      while (more === 255);
    }
    length += 4;
    if (!(at <= end && offset > 0 && offset <= to && to + length <= most)) throw new RangeError("a match of LZ4 that reaches too far");
    let from = to - offset;
    const stop = to + length;
    if (length > 24) {
      // What is copied may be copied itself: each round has twice as much to take.
      while (to < stop) {
        const size = Math.min(to - from, stop - to);
        target.copyWithin(to, from, from + size);
        to += size;
      }
    } else {
      while (to < stop) target[to++] = target[from++];
    }
  }
  if (to !== most) throw new RangeError("a block of LZ4 that is too short");
}
