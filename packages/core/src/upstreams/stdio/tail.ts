export interface Tail {
  push: (chunk: Buffer) => void;
  text: () => string;
}

/** Keeps the last bytes of a stream and lets go of the rest. */
export function createTail(maxBytes: number): Tail {
  if (!Number.isSafeInteger(maxBytes) || maxBytes < 0) {
    throw new TypeError('"stderrTailBytes" must be a whole number of bytes, 0 or more');
  }
  let chunks: Buffer[] = [];
  let bytes = 0;
  let total = 0;

  return {
    push(chunk) {
      // A copy: a view would keep the whole piece that it was cut from.
      const kept = Buffer.from(chunk.subarray(Math.max(0, chunk.length - maxBytes)));
      chunks.push(kept);
      total += chunk.length;
      bytes += kept.length;
      while (chunks.length > 1 && bytes - chunks[0]!.length >= maxBytes) bytes -= chunks.shift()!.length;
      // Many small pieces would cost more than the text that they hold.
      if (chunks.length > 64) chunks = [Buffer.concat(chunks)];
    },
    text() {
      const all = Buffer.concat(chunks);
      let from = Math.max(0, all.length - maxBytes);
      if (total <= maxBytes) return all.toString();
      // Not in the middle of a character.
      while (((all[from] ?? 0) & 0xc0) === 0x80) from += 1;
      return all.toString('utf8', from);
    },
  };
}
