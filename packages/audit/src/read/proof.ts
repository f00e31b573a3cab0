import { AuditError } from '../audit-error.ts';
import { consistencyPath, inclusionPath, isConsistent, isIncluded, rangeHash } from '../merkle/proofs.ts';
import type { NodeReader } from '../merkle/proofs.ts';
import { digestFromBase64, digestToBase64, hashLeaf } from '../merkle/tree-hash.ts';
import type { Digest } from '../merkle/tree-hash.ts';
import { openCheckpoint, parseVerifierKey } from '../note/checkpoint.ts';
import type { Checkpoint, TrustedKey } from '../note/checkpoint.ts';
import type { AuditFileSystem } from '../storage/file-system.ts';
import { listSegments } from '../storage/layout.ts';
import type { Layout } from '../storage/layout.ts';
import { HashTiles } from './hash-tiles.ts';
import { openLocation } from './location.ts';
import type { LogLocation } from './location.ts';
import { findSeq, readLine } from './records.ts';

export interface ProofRequest extends LogLocation {
  /** Verifier keys of the log. */
  keys: readonly string[];
}

/** A record and the proof that it is in the log: all an outsider needs besides the verifier key. */
export interface RecordProof {
  seq: number;
  /** The record's bytes as text, without the newline. */
  record: string;
  /** C2SP tlog-proof v1: index, audit path and the signed checkpoint. */
  proof: string;
}

/** The signed state proofs are made against. */
export interface SignedTree {
  checkpoint: Checkpoint;
  note: string;
  read: NodeReader;
}

/** The newest signed tree, its hashes checked against the signature. Rejects with AuditError ERR_AUDIT_PROOF_FAILED or ERR_AUDIT_NOTE_INVALID. */
export async function openSignedTree(
  fs: AuditFileSystem,
  layout: Layout,
  trusted: readonly TrustedKey[],
): Promise<SignedTree> {
  const note = (await fs.readFile(layout.checkpoint))?.toString() ?? '';
  const checkpoint = openCheckpoint(note, trusted);
  if (typeof checkpoint === 'string') {
    throw new AuditError('ERR_AUDIT_NOTE_INVALID', `The checkpoint file cannot be trusted: ${checkpoint}.`);
  }
  const tiles = new HashTiles(fs, layout);
  const { size, root } = checkpoint;
  const fits = async (read: NodeReader): Promise<boolean> => size === 0 || (await rangeHash(read, 0, size)) === root;
  let read = await tiles.sync(size);
  if (!(await fits(read))) {
    const complete = (await listSegments(fs, layout))[0]?.firstSeq === 0;
    // Tiles are derived: made anew from the records while these are all there.
    if (complete) {
      await tiles.reset();
      read = await tiles.sync(size);
    }
    if (!complete || !(await fits(read))) {
      throw new AuditError(
        'ERR_AUDIT_PROOF_FAILED',
        'The records do not make the root that was signed; verify the log.',
      );
    }
  }
  return { checkpoint, note, read };
}

/** Writes a proof in the C2SP tlog-proof v1 text format. */
export function formatProof(seq: number, path: readonly Digest[], note: string): string {
  return ['c2sp.org/tlog-proof@v1', `index ${seq}`, ...path.map(digestToBase64), '', note].join('\n');
}

/**
 * Proves that a record is in the log, by its id or sequence number, against the checkpoint file.
 * Rejects with AuditError ERR_AUDIT_NOT_FOUND when there is no such record or it is not signed yet.
 */
export async function proveRecord(request: ProofRequest & { record: string | number }): Promise<RecordProof> {
  const { fs, layout } = openLocation(request);
  const seq = typeof request.record === 'number' ? request.record : await findSeq(fs, layout, request.record);
  const line = seq === undefined ? undefined : await readLine(fs, layout, seq);
  if (seq === undefined || !line) throw new AuditError('ERR_AUDIT_NOT_FOUND', `There is no record ${request.record}.`);
  const tree = await openSignedTree(fs, layout, request.keys.map(parseVerifierKey));
  if (seq >= tree.checkpoint.size)
    throw new AuditError('ERR_AUDIT_NOT_FOUND', `Record ${seq} is not covered by a checkpoint yet.`);
  return {
    seq,
    record: line.toString(),
    proof: formatProof(seq, await inclusionPath(tree.read, seq, tree.checkpoint.size), tree.note),
  };
}

const PROOF =
  /^c2sp\.org\/tlog-proof@v1\n(?:extra [A-Za-z0-9+/=]*\n)?index (0|[1-9][0-9]{0,15})\n((?:[A-Za-z0-9+/]{43}=\n)*)\n([^]+)$/;

/**
 * Checks a proof without the log. Returns the checkpoint it leads to, or a sentence saying what is wrong.
 * Does not check that the checkpoint is the newest.
 */
export function checkProof(proof: Pick<RecordProof, 'record' | 'proof'>, keys: readonly string[]): Checkpoint | string {
  const match = PROOF.exec(proof.proof);
  if (!match) return 'it is not a proof in the C2SP tlog-proof v1 format';
  const path = match[2]!.split('\n').slice(0, -1).map(digestFromBase64);
  if (path.includes(undefined)) return 'a hash is malformed';
  const checkpoint = openCheckpoint(match[3]!, keys.map(parseVerifierKey));
  if (typeof checkpoint === 'string') return checkpoint;
  const leaf = hashLeaf(Buffer.from(proof.record));
  const included = isIncluded(Number(match[1]), checkpoint.size, leaf, path as Digest[], checkpoint.root);
  return included ? checkpoint : 'the path does not lead from the record to the signed root';
}

/** Proves to the holder of an older checkpoint that the log only grew since. The path is base64, one hash each. */
export async function proveConsistency(
  request: ProofRequest & { from: string },
): Promise<{ to: string; path: string[] }> {
  const { fs, layout } = openLocation(request);
  const trusted = request.keys.map(parseVerifierKey);
  const older = openCheckpoint(request.from, trusted);
  if (typeof older === 'string')
    throw new AuditError('ERR_AUDIT_NOTE_INVALID', `The older checkpoint cannot be used: ${older}.`);
  const { checkpoint, note, read } = await openSignedTree(fs, layout, trusted);
  if (older.size < 1 || older.size > checkpoint.size) {
    throw new AuditError(
      'ERR_AUDIT_PROOF_FAILED',
      `The log has ${checkpoint.size} signed records, the older checkpoint ${older.size}.`,
    );
  }
  const path = await consistencyPath(read, older.size, checkpoint.size);
  if (!isConsistent(older.size, checkpoint.size, path, older.root, checkpoint.root)) {
    throw new AuditError(
      'ERR_AUDIT_PROOF_FAILED',
      'The log is not a continuation of the older checkpoint: it was rewritten or forked.',
    );
  }
  return { to: note, path: path.map(digestToBase64) };
}

/** Checks a consistency proof without the log; undefined when it holds, else what is wrong. */
export function checkConsistency(
  proof: { from: string; to: string; path: readonly string[] },
  keys: readonly string[],
): string | undefined {
  const trusted = keys.map(parseVerifierKey);
  const older = openCheckpoint(proof.from, trusted);
  const newer = openCheckpoint(proof.to, trusted);
  if (typeof older === 'string') return older;
  if (typeof newer === 'string') return newer;
  const path = proof.path.map(digestFromBase64);
  if (path.includes(undefined)) return 'a hash is malformed';
  const holds = isConsistent(older.size, newer.size, path as Digest[], older.root, newer.root);
  return holds ? undefined : 'the newer tree is not a continuation of the older one';
}
