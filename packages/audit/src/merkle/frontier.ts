import { EMPTY_ROOT, hashChildren } from './tree-hash.ts';
import type { Digest } from './tree-hash.ts';

/**
 * The right edge of an RFC 6962 tree: roots of its complete subtrees, largest first. It is all that is needed to append
 * and to state the root, in O(log n) memory.
 */
export interface Frontier {
  size: number;
  /** One per bit that is set in `size`, from the highest bit to the lowest. */
  nodes: Digest[];
}

export function emptyFrontier(): Frontier {
  return { size: 0, nodes: [] };
}

export function copyFrontier(frontier: Frontier): Frontier {
  return { size: frontier.size, nodes: [...frontier.nodes] };
}

/** Adds one leaf hash in place. */
export function appendLeaf(frontier: Frontier, leaf: Digest): void {
  const { nodes } = frontier;
  let node = leaf;
  let size = frontier.size;
  // Division, not shifts: a shift would wrap at 2^31 records.
  while (size % 2 === 1) {
    node = hashChildren(nodes.pop()!, node);
    size = (size - 1) / 2;
  }
  nodes.push(node);
  frontier.size += 1;
}

/** Root hash of the tree the frontier belongs to. */
export function frontierRoot(frontier: Frontier): Digest {
  const { nodes } = frontier;
  let root = nodes.at(-1);
  if (root === undefined) return EMPTY_ROOT;
  for (let i = nodes.length - 2; i >= 0; i -= 1) root = hashChildren(nodes[i]!, root);
  return root;
}

/** Number of subtrees a frontier of this size has. */
export function frontierLength(size: number): number {
  let count = 0;
  for (let rest = size; rest > 0; rest = Math.floor(rest / 2)) count += rest % 2;
  return count;
}
