import { hash, verify } from 'node:crypto';
import type { Outcome } from '../event.ts';
import { inclusionPath } from '../merkle/proofs.ts';
import { parseVerifierKey } from '../note/checkpoint.ts';
import { keyId } from '../note/signer.ts';
import type { Signer } from '../note/signer.ts';
import { openLocation } from '../read/location.ts';
import { checkProof, formatProof, openSignedTree } from '../read/proof.ts';
import type { ProofRequest, RecordProof } from '../read/proof.ts';
import { parseLine, readLines } from '../read/records.ts';
import { verifyLog } from '../verify/verify.ts';
import { matchesType, SOC2_CRITERIA } from './soc2-criteria.ts';

export interface Soc2Request extends ProofRequest {
  /** Period of the report; milliseconds since 1970-01-01 UTC, from inclusive, to exclusive. */
  fromMs: number;
  toMs: number;
  /** Signs the pack. */
  signer: Signer;
  /** Time of making; milliseconds since 1970-01-01 UTC. */
  nowMs: number;
  /** Records included with proof per criterion, evenly spread over the period. Default 25, from 0 to 1000. */
  samplesPerCriterion?: number;
}

export interface CriterionEvidence {
  id: string;
  evidence: string;
  events: number;
  byType: Record<string, number>;
  byOutcome: Partial<Record<Outcome, number>>;
  samples: RecordProof[];
}

export interface Soc2Pack {
  v: 1;
  kind: 'soc2-evidence';
  notice: string;
  origin: string;
  madeAtMs: number;
  fromMs: number;
  toMs: number;
  verification: { status: string; size: number; signedSize: number; root: string; findings: number; warnings: number };
  recordsInPeriod: number;
  criteria: CriterionEvidence[];
}

export interface SignedSoc2Pack {
  pack: Soc2Pack;
  /** C2SP signed note over the origin, the kind and the SHA-256 of `JSON.stringify(pack)`. */
  signature: string;
}

const NOTICE =
  'Evidence from the audit log of a gateway. It is input for an auditor, not a SOC 2 report, and says nothing about controls outside the gateway.';

function packText(origin: string, pack: Soc2Pack): string {
  return `${origin}\nsoc2-evidence\n${hash('sha256', JSON.stringify(pack), 'base64')}\n`;
}

interface Collected extends CriterionEvidence {
  patterns: readonly string[];
  seqs: number[];
}

/** Every n-th element so that `count` are left, first and last among them. */
function spread(seqs: readonly number[], count: number): number[] {
  if (seqs.length <= count) return [...seqs];
  if (count === 1) return [seqs[0]!];
  return Array.from({ length: count }, (_, i) => seqs[Math.round((i * (seqs.length - 1)) / (count - 1))]!);
}

/**
 * Collects evidence for an auditor: the log is verified, events of the period are counted per criterion, and samples come
 * with proofs against the signed checkpoint. Throws TypeError for a period or sample count out of range.
 * Does not judge whether a control works.
 */
export async function reportSoc2(request: Soc2Request): Promise<SignedSoc2Pack> {
  const { samplesPerCriterion: samples = 25, fromMs, toMs } = request;
  if (!Number.isInteger(samples) || samples < 0 || samples > 1000)
    throw new TypeError('"samplesPerCriterion" must be an integer from 0 to 1000.');
  if (!(fromMs < toMs)) throw new TypeError('"fromMs" must be before "toMs".');
  const { fs, layout } = openLocation(request);
  const verification = await verifyLog(request);
  const tree = await openSignedTree(fs, layout, request.keys.map(parseVerifierKey));
  const collected: Collected[] = SOC2_CRITERIA.map(({ id, evidence, types }) => ({
    id,
    evidence,
    patterns: types,
    events: 0,
    byType: {},
    byOutcome: {},
    samples: [],
    seqs: [],
  }));
  let recordsInPeriod = 0;
  for await (const line of readLines(fs, layout)) {
    if (line.seq >= tree.checkpoint.size) break;
    const record = parseLine(line);
    if (record.t < fromMs || record.t >= toMs) continue;
    recordsInPeriod += 1;
    for (const one of collected) {
      if (!matchesType(record.type, one.patterns)) continue;
      one.events += 1;
      one.byType[record.type] = (one.byType[record.type] ?? 0) + 1;
      if (record.outcome) one.byOutcome[record.outcome] = (one.byOutcome[record.outcome] ?? 0) + 1;
      one.seqs.push(record.seq);
    }
  }
  const wanted = new Map(collected.map((one) => [one, spread(one.seqs, samples)]));
  const proofs = new Map<number, RecordProof>();
  const needed = new Set([...wanted.values()].flat());
  for await (const { seq, bytes } of readLines(fs, layout)) {
    if (!needed.has(seq)) continue;
    const path = await inclusionPath(tree.read, seq, tree.checkpoint.size);
    proofs.set(seq, { seq, record: bytes.toString(), proof: formatProof(seq, path, tree.note) });
  }
  const { status, size, signedSize, root, findings, warnings } = verification;
  const pack: Soc2Pack = {
    v: 1,
    kind: 'soc2-evidence',
    notice: NOTICE,
    origin: tree.checkpoint.origin,
    madeAtMs: request.nowMs,
    fromMs,
    toMs,
    verification: { status, size, signedSize, root, findings: findings.length, warnings: warnings.length },
    recordsInPeriod,
    criteria: collected.map(({ patterns: _p, seqs: _s, ...one }) => one),
  };
  for (const [i, one] of collected.entries())
    pack.criteria[i]!.samples = wanted.get(one)!.map((seq) => proofs.get(seq)!);
  const { signer } = request;
  const text = packText(pack.origin, pack);
  const blob = Buffer.concat([keyId(signer.name, signer.publicKey), await signer.sign(Buffer.from(text))]).toString(
    'base64',
  );
  return { pack, signature: `${text}\n\u2014 ${signer.name} ${blob}\n` };
}

/** Checks a pack without the log: signature and every sample's proof. Undefined when all hold, else what is wrong. */
export function checkSoc2(signed: SignedSoc2Pack, keys: readonly string[]): string | undefined {
  const text = packText(signed.pack.origin, signed.pack);
  const match = /^\u2014 (\S+) ([A-Za-z0-9+/=]+)\n$/.exec(signed.signature.slice(text.length + 1));
  if (!signed.signature.startsWith(`${text}\n`) || !match) return 'the signature is of another pack';
  const blob = Buffer.from(match[2]!, 'base64');
  const key = keys.map(parseVerifierKey).find((one) => one.name === match[1] && one.id.equals(blob.subarray(0, 4)));
  if (!key || !verify(null, Buffer.from(text), key.key, blob.subarray(4)))
    return 'the signature is wrong or of an unknown key';
  for (const { id, samples } of signed.pack.criteria) {
    for (const sample of samples) {
      const result = checkProof(sample, keys);
      if (typeof result === 'string') return `${id}, record ${sample.seq}: ${result}`;
    }
  }
  return undefined;
}
