import { hashChildren } from './tree-hash.ts';
import type { Digest } from './tree-hash.ts';

/** Root of the complete subtree of `2 ** level` leaves number `index`, counted from the left. */
export type NodeReader = (level: number, index: number) => Promise<Digest>;

/** Largest power of two smaller than `n`; `n` is at least 2. */
function splitPoint(n: number): number {
  let k = 1;
  while (k * 2 < n) k *= 2;
  return k;
}

/** Hash of leaves `from` to `to` (exclusive), RFC 6962 section 2.1; asks the reader only for complete subtrees. */
export async function rangeHash(read: NodeReader, from: number, to: number): Promise<Digest> {
  const n = to - from;
  const level = Math.log2(n);
  if (Number.isInteger(level) && from % n === 0) return read(level, from / n);
  const k = splitPoint(n);
  return hashChildren(await rangeHash(read, from, from + k), await rangeHash(read, from + k, to));
}

/** RFC 6962 section 2.1.1 audit path of leaf `index` in the tree of the first `size` leaves. */
export async function inclusionPath(read: NodeReader, index: number, size: number): Promise<Digest[]> {
  if (!(index >= 0 && index < size)) throw new RangeError('The leaf is not in a tree of this size.');
  const walk = async (from: number, to: number): Promise<Digest[]> => {
    if (to - from === 1) return [];
    const middle = from + splitPoint(to - from);
    return index < middle
      ? [...(await walk(from, middle)), await rangeHash(read, middle, to)]
      : [...(await walk(middle, to)), await rangeHash(read, from, middle)];
  };
  return walk(0, size);
}

/** RFC 6962 section 2.1.2 consistency proof between the trees of the first `first` and the first `second` leaves. */
export async function consistencyPath(read: NodeReader, first: number, second: number): Promise<Digest[]> {
  if (!(first >= 1 && first <= second)) throw new RangeError('Sizes must satisfy 1 <= first <= second.');
  const walk = async (m: number, from: number, to: number, whole: boolean): Promise<Digest[]> => {
    if (from + m === to) return whole ? [] : [await rangeHash(read, from, to)];
    const k = splitPoint(to - from);
    return m <= k
      ? [...(await walk(m, from, from + k, whole)), await rangeHash(read, from + k, to)]
      : [...(await walk(m - k, from + k, to, false)), await rangeHash(read, from, from + k)];
  };
  return walk(first, 0, second, true);
}

/** Root that the path leads to, RFC 9162 section 2.1.3.2; undefined when the path has the wrong length. */
export function rootFromInclusion(
  index: number,
  size: number,
  leaf: Digest,
  path: readonly Digest[],
): Digest | undefined {
  if (!(index >= 0 && index < size)) return undefined;
  let fn = index;
  let sn = size - 1;
  let root = leaf;
  for (const sibling of path) {
    if (sn === 0) return undefined;
    if (fn % 2 === 1 || fn === sn) {
      root = hashChildren(sibling, root);
      while (fn % 2 === 0 && fn !== 0) {
        fn /= 2;
        sn = Math.floor(sn / 2);
      }
    } else {
      root = hashChildren(root, sibling);
    }
    fn = Math.floor(fn / 2);
    sn = Math.floor(sn / 2);
  }
  return sn === 0 ? root : undefined;
}

/** True when the path proves that the leaf hash is number `index` of the tree with this root. */
export function isIncluded(index: number, size: number, leaf: Digest, path: readonly Digest[], root: Digest): boolean {
  return rootFromInclusion(index, size, leaf, path) === root;
}

/** True when the path proves that the first tree is a prefix of the second, RFC 9162 section 2.1.4.2. */
export function isConsistent(
  first: number,
  second: number,
  path: readonly Digest[],
  rootOne: Digest,
  rootTwo: Digest,
): boolean {
  if (!(first >= 1 && first <= second)) return false;
  if (first === second) return path.length === 0 && rootOne === rootTwo;
  const nodes = Number.isInteger(Math.log2(first)) ? [rootOne, ...path] : [...path];
  const start = nodes.shift();
  if (start === undefined) return false;
  let fn = first - 1;
  let sn = second - 1;
  while (fn % 2 === 1) {
    fn = (fn - 1) / 2;
    sn = Math.floor(sn / 2);
  }
  let one = start;
  let two = start;
  for (const node of nodes) {
    if (sn === 0) return false;
    if (fn % 2 === 1 || fn === sn) {
      one = hashChildren(node, one);
      two = hashChildren(node, two);
      while (fn % 2 === 0 && fn !== 0) {
        fn /= 2;
        sn = Math.floor(sn / 2);
      }
    } else {
      two = hashChildren(two, node);
    }
    fn = Math.floor(fn / 2);
    sn = Math.floor(sn / 2);
  }
  return sn === 0 && one === rootOne && two === rootTwo;
}
