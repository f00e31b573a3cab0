import { createHash } from 'node:crypto';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { appendLeaf, emptyFrontier, frontierLength, frontierRoot } from './frontier.ts';
import { consistencyPath, inclusionPath, isConsistent, isIncluded, rangeHash, rootFromInclusion } from './proofs.ts';
import {
  digestFromBase64,
  digestFromHex,
  digestToBase64,
  digestToHex,
  EMPTY_ROOT,
  hashChildren,
  hashLeaf,
} from './tree-hash.ts';

/** The definition of RFC 6962 section 2.1, word for word and slow. */
function naiveRoot(leaves: readonly Buffer[]): Buffer {
  const sha = (...parts: Uint8Array[]): Buffer => createHash('sha256').update(Buffer.concat(parts)).digest();
  if (leaves.length === 0) return sha();
  if (leaves.length === 1) return sha(Buffer.from([0]), leaves[0]!);
  let k = 1;
  while (k * 2 < leaves.length) k *= 2;
  return sha(Buffer.from([1]), naiveRoot(leaves.slice(0, k)), naiveRoot(leaves.slice(k)));
}

const leavesOf = (count: number): Buffer[] => Array.from({ length: count }, (_, i) => Buffer.from(`leaf ${i}`));

function treeOf(leaves: readonly Buffer[]) {
  const hashes = leaves.map(hashLeaf);
  const read = async (level: number, index: number): Promise<string> => {
    if (level === 0) return hashes[index]!;
    return hashChildren(await read(level - 1, index * 2), await read(level - 1, index * 2 + 1));
  };
  const frontier = emptyFrontier();
  for (const one of hashes) appendLeaf(frontier, one);
  return { hashes, read, frontier, root: frontierRoot(frontier) };
}

test('known roots: the test vectors of the certificate transparency reference implementation', () => {
  const inputs = ['', '00', '10', '2021', '3031', '40414243', '5051525354555657', '606162636465666768696a6b6c6d6e6f'];
  const roots = [
    '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
    'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
    'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77',
    'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
    '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4',
    '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef',
    'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c',
    '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
  ];
  expect(digestToHex(EMPTY_ROOT)).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');
  const frontier = emptyFrontier();
  for (const [i, input] of inputs.entries()) {
    appendLeaf(frontier, hashLeaf(Buffer.from(input, 'hex')));
    expect(digestToHex(frontierRoot(frontier))).toBe(roots[i]);
  }
});

test('the frontier gives the root of the definition at every size, and has a node per bit', () => {
  for (let size = 0; size <= 70; size += 1) {
    const { frontier, root } = treeOf(leavesOf(size));
    expect(digestToHex(root)).toBe(naiveRoot(leavesOf(size)).toString('hex'));
    expect(frontier.nodes).toHaveLength(frontierLength(size));
  }
});

describe('proofs', () => {
  test('every inclusion proof up to size 40 holds, and for no other leaf, size or root', async () => {
    for (const size of [1, 2, 3, 7, 8, 9, 31, 32, 33, 40]) {
      const { hashes, read, root } = treeOf(leavesOf(size));
      for (let i = 0; i < size; i += 1) {
        const path = await inclusionPath(read, i, size);
        expect(isIncluded(i, size, hashes[i]!, path, root)).toBe(true);
        expect(isIncluded(i, size, hashLeaf(Buffer.from('other')), path, root)).toBe(false);
        expect(isIncluded(i, size, hashes[i]!, [...path, root], root)).toBe(false);
        if (path.length > 0) expect(isIncluded(i, size, hashes[i]!, path.slice(1), root)).toBe(false);
        if (size > 1) expect(isIncluded((i + 1) % size, size, hashes[i]!, path, root)).toBe(false);
      }
    }
    expect(rootFromInclusion(5, 5, EMPTY_ROOT, [])).toBeUndefined();
    expect(rootFromInclusion(-1, 5, EMPTY_ROOT, [])).toBeUndefined();
  });

  test('consistency proofs hold for every pair of sizes and for no rewritten history', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 90 }),
        fc.integer({ min: 0, max: 90 }),
        fc.nat(),
        async (first, more, change) => {
          const second = first + more;
          const leaves = leavesOf(second);
          const [older, newer] = [treeOf(leaves.slice(0, first)), treeOf(leaves)];
          const path = await consistencyPath(newer.read, first, second);
          expect(isConsistent(first, second, path, older.root, newer.root)).toBe(true);
          const rewritten = treeOf(leaves.with(change % first, Buffer.from('rewritten')));
          const forged = await consistencyPath(rewritten.read, first, second);
          expect(isConsistent(first, second, forged, older.root, rewritten.root)).toBe(false);
          expect(isConsistent(first, second, path, older.root, rewritten.root)).toBe(false);
        },
      ),
      { numRuns: 150 },
    );
  });

  test('an appended tree of any range is what the definition says', async () => {
    const leaves = leavesOf(50);
    const { read } = treeOf(leaves);
    expect(digestToHex(await rangeHash(read, 0, 50))).toBe(naiveRoot(leaves).toString('hex'));
    expect(digestToHex(await rangeHash(read, 32, 50))).toBe(naiveRoot(leaves.slice(32)).toString('hex'));
  });
});

test('a digest has one spelling: other cases, padding and unused bits are refused', () => {
  const digest = hashLeaf(Buffer.from('x'));
  const text = digestToBase64(digest);
  expect(digestFromBase64(text)).toBe(digest);
  expect(digestFromHex(digestToHex(digest))).toBe(digest);
  expect(digestFromHex(digestToHex(digest).toUpperCase())).toBeUndefined();
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
  const sameBits = alphabet[alphabet.indexOf(text[42]!) ^ 1]!;
  for (const wrong of [
    text.slice(0, -1),
    `${text}=`,
    ` ${text}`,
    `${text.slice(0, 42)}${sameBits}=`,
    text.replaceAll('=', ''),
  ]) {
    expect(digestFromBase64(wrong)).toBeUndefined();
  }
});
