import { dirname, join } from 'node:path';
import { AuditError } from '../audit-error.ts';
import { DIGEST_BYTES, hashChildren, hashLeaf } from '../merkle/tree-hash.ts';
import type { Digest } from '../merkle/tree-hash.ts';
import { TILE_HEIGHT, tilePath, TILE_WIDTH } from '../merkle/tile-path.ts';
import type { NodeReader } from '../merkle/proofs.ts';
import type { AuditFileSystem } from '../storage/file-system.ts';
import { listSegments } from '../storage/layout.ts';
import type { Layout } from '../storage/layout.ts';
import { readLines } from './records.ts';

const TILE_BYTES = TILE_WIDTH * DIGEST_BYTES;
const CACHED_TILES = 1024;

function subtree(hashes: readonly Digest[]): Digest {
  let level = [...hashes];
  while (level.length > 1) {
    const next: Digest[] = [];
    for (let i = 0; i < level.length; i += 2) next.push(hashChildren(level[i]!, level[i + 1]!));
    level = next;
  }
  return level[0]!;
}

/**
 * Hashes of the tree in full tiles on disk, so that a proof does not have to read the log. Derived from the segments and made
 * when needed; after retention they are what is left of the purged part. They need no protection: a proof made of changed
 * tiles does not lead to the signed root, and whoever makes one checks that.
 */
export class HashTiles {
  readonly #fs: AuditFileSystem;
  readonly #layout: Layout;
  readonly #cache = new Map<string, Digest[]>();

  constructor(fs: AuditFileSystem, layout: Layout) {
    this.#fs = fs;
    this.#layout = layout;
  }

  #path(level: number, n: number, width = TILE_WIDTH): string {
    return join(this.#layout.root, tilePath(level, n, width));
  }

  /** Leaf hashes of a tile whose first records were purged, from the partial tile that the purge left. */
  async #purgedPart(tile: number, firstSeq: number): Promise<Digest[]> {
    const width = firstSeq - tile * TILE_WIDTH;
    if (width <= 0 || width >= TILE_WIDTH) return [];
    const bytes = await this.#fs.readFile(this.#path(0, tile, width));
    if (bytes?.length !== width * DIGEST_BYTES) return [];
    return Array.from({ length: width }, (_, i) => bytes.toString('latin1', i * DIGEST_BYTES, (i + 1) * DIGEST_BYTES));
  }

  async #has(n: number): Promise<boolean> {
    return (await this.#fs.size(this.#path(0, n))) === TILE_BYTES;
  }

  /** Number of full tiles of the lowest level; they are made in order. */
  async #count(): Promise<number> {
    if (!(await this.#has(0))) return 0;
    let low = 0;
    let high = 1;
    while (await this.#has(high)) [low, high] = [high, high * 2];
    while (high - low > 1) {
      const middle = Math.floor((low + high) / 2);
      if (await this.#has(middle)) low = middle;
      else high = middle;
    }
    return high;
  }

  async #save(
    level: number,
    n: number,
    hashes: readonly Digest[],
    durable: boolean,
    width = TILE_WIDTH,
  ): Promise<void> {
    const path = this.#path(level, n, width);
    const bytes = Buffer.from(hashes.join(''), 'latin1');
    await this.#fs.makeDirectory(dirname(path));
    if (durable) return this.#fs.replaceFile(path, bytes);
    await this.#fs.remove(path);
    const file = await this.#fs.open(path, 'create');
    try {
      await file.write(bytes, 0);
    } finally {
      await file.close();
    }
  }

  /** A full tile of the next level is due whenever 256 of the one below are complete. */
  async #saveAbove(level: number, n: number, durable: boolean): Promise<void> {
    if ((n + 1) % TILE_WIDTH !== 0) return;
    const first = n + 1 - TILE_WIDTH;
    const hashes: Digest[] = [];
    for (let i = first; i <= n; i += 1) hashes.push(subtree(await this.#load(level, i)));
    await this.#save(level + 1, (n + 1) / TILE_WIDTH - 1, hashes, durable);
    await this.#saveAbove(level + 1, (n + 1) / TILE_WIDTH - 1, durable);
  }

  /** Drops all tiles; they are made anew. Only sensible while no segment has been purged. */
  async reset(): Promise<void> {
    this.#cache.clear();
    await this.#fs.remove(this.#layout.tiles);
  }

  /**
   * Makes the full tiles of the first `size` records and returns a reader of the tree of that size.
   * Rejects with AuditError ERR_AUDIT_NOT_FOUND when records are gone that no tile covers.
   */
  async sync(size: number, options: { durable?: boolean } = {}): Promise<NodeReader> {
    const full = Math.floor(size / TILE_WIDTH);
    let tile = options.durable === true ? 0 : Math.min(await this.#count(), full);
    const firstSeq = (await listSegments(this.#fs, this.#layout))[0]?.firstSeq ?? 0;
    // Durable on demand: earlier tiles may have been written without fsync, so those of records still here are written again.
    if (options.durable === true) tile = Math.min(Math.floor(firstSeq / TILE_WIDTH), full);
    let leaves = await this.#purgedPart(tile, firstSeq);
    let next = tile * TILE_WIDTH + leaves.length;
    if (firstSeq > next)
      throw new AuditError(
        'ERR_AUDIT_NOT_FOUND',
        `Records from ${next} to ${firstSeq} are gone and no tile covers them.`,
      );
    for await (const { seq, bytes } of readLines(this.#fs, this.#layout, next)) {
      if (seq >= size) break;
      leaves.push(hashLeaf(bytes));
      next = seq + 1;
      if (leaves.length < TILE_WIDTH) continue;
      await this.#save(0, tile, leaves, options.durable === true);
      await this.#saveAbove(0, tile, options.durable === true);
      leaves = [];
      tile += 1;
    }
    if (next < size) throw new AuditError('ERR_AUDIT_NOT_FOUND', `The log ends at ${next}, before the size ${size}.`);
    const rest = leaves;
    // When the records are about to be purged, the leaves of the last tile that is not full have to be kept as well.
    if (options.durable === true && rest.length > 0) await this.#save(0, tile, rest, true, rest.length);
    const read: NodeReader = async (level, index) => {
      const tileLevel = Math.floor(level / TILE_HEIGHT);
      const width = 2 ** (level - tileLevel * TILE_HEIGHT);
      const at = index * width;
      const n = Math.floor(at / TILE_WIDTH);
      // Full tiles of this level cover this many of its hashes; beyond it the level below knows.
      const covered = Math.floor(full / TILE_WIDTH ** tileLevel) * TILE_WIDTH;
      if (at + width <= covered)
        return subtree((await this.#load(tileLevel, n)).slice(at % TILE_WIDTH, (at % TILE_WIDTH) + width));
      if (level === 0) return rest[index - full * TILE_WIDTH]!;
      return hashChildren(await read(level - 1, index * 2), await read(level - 1, index * 2 + 1));
    };
    return read;
  }

  async #load(level: number, n: number): Promise<Digest[]> {
    const key = `${level}/${n}`;
    const known = this.#cache.get(key);
    if (known) return known;
    const bytes = await this.#fs.readFile(this.#path(level, n));
    if (bytes?.length !== TILE_BYTES)
      throw new AuditError('ERR_AUDIT_NOT_FOUND', `Tile ${key} of the tree is missing.`);
    const hashes = Array.from({ length: TILE_WIDTH }, (_, i) =>
      bytes.toString('latin1', i * DIGEST_BYTES, (i + 1) * DIGEST_BYTES),
    );
    if (this.#cache.size >= CACHED_TILES) this.#cache.delete(this.#cache.keys().next().value!);
    this.#cache.set(key, hashes);
    return hashes;
  }
}
