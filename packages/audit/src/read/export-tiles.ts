import { dirname, join } from 'node:path';
import { parseVerifierKey } from '../note/checkpoint.ts';
import { TILE_HEIGHT, tilePath, TILE_WIDTH } from '../merkle/tile-path.ts';
import { listSegments } from '../storage/layout.ts';
import { openLocation } from './location.ts';
import { openSignedTree } from './proof.ts';
import type { ProofRequest } from './proof.ts';
import { readLines } from './records.ts';

/**
 * Writes the signed part of the log as a static C2SP tlog-tiles log: `checkpoint`, `tile/<L>/<N>`, `tile/entries/<N>`,
 * with partial tiles at the right edge. Any tlog client can then read and check it. Entries of purged records are left out,
 * as the specification allows (pruning). The folder must not exist or be empty.
 */
export async function exportTiles(
  request: ProofRequest & { outputDirectory: string },
): Promise<{ size: number; files: number }> {
  const { fs, layout } = openLocation(request);
  const { checkpoint, note, read } = await openSignedTree(fs, layout, request.keys.map(parseVerifierKey));
  const { size } = checkpoint;
  let files = 0;
  const save = async (path: string, bytes: Uint8Array): Promise<void> => {
    const full = join(request.outputDirectory, path);
    await fs.makeDirectory(dirname(full));
    const file = await fs.open(full, 'create');
    try {
      await file.write(bytes, 0);
    } finally {
      await file.close();
    }
    files += 1;
  };
  for (let level = 0, hashes = size; hashes > 0; level += 1, hashes = Math.floor(hashes / TILE_WIDTH)) {
    for (let n = 0; n * TILE_WIDTH < hashes; n += 1) {
      const width = Math.min(TILE_WIDTH, hashes - n * TILE_WIDTH);
      const digests: string[] = [];
      for (let i = 0; i < width; i += 1) digests.push(await read(level * TILE_HEIGHT, n * TILE_WIDTH + i));
      await save(tilePath(level, n, width), Buffer.from(digests.join(''), 'latin1'));
    }
  }
  const firstSeq = (await listSegments(fs, layout))[0]?.firstSeq ?? 0;
  let bundle: Buffer[] = [];
  // A bundle whose beginning was purged cannot be written whole, so it is left out.
  const firstWhole = Math.ceil(firstSeq / TILE_WIDTH) * TILE_WIDTH;
  for await (const { seq, bytes } of readLines(fs, layout, firstWhole)) {
    if (seq >= size) break;
    const length = Buffer.alloc(2);
    length.writeUInt16BE(bytes.length);
    bundle.push(length, Buffer.from(bytes));
    const width = (seq % TILE_WIDTH) + 1;
    if (width < TILE_WIDTH && seq + 1 < size) continue;
    await save(tilePath('entries', Math.floor(seq / TILE_WIDTH), width), Buffer.concat(bundle));
    bundle = [];
  }
  await save('checkpoint', Buffer.from(note));
  return { size, files };
}
