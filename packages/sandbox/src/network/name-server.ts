import type { Socket } from 'node:dgram';

/**
 * The only DNS server that a box can reach: ours. Nothing is ever forwarded. It answers for names under a wildcard rule with a loopback
 * address of the box, and says NXDOMAIN to everything else, which is how a refused name gets on record. Format: RFC 1035 4.
 */
export interface NameAnswers {
  /** The IPv4 address for a name that a rule covers, or undefined. */
  addressOf(host: string): string | undefined;
}

const HEADER_BYTES = 12;
const TYPE_A = 1;
const NAME_ERROR = 3;
const LIFE_SECONDS = 60;
const LONGEST_NAME = 253;

/** The one question of a query, or undefined for anything malformed. Never throws. */
export function readQuestion(query: Buffer): { host: string; type: number; end: number } | undefined {
  if (query.length < HEADER_BYTES + 5 || (query[2]! & 0xf8) !== 0 || query.readUInt16BE(4) !== 1) return undefined;
  const labels: string[] = [];
  let at = HEADER_BYTES;
  for (;;) {
    const length = query[at];
    if (length === undefined || length > 63) return undefined; // cut off, or a pointer, which a question has no use for
    at += 1;
    if (length === 0) break;
    if (at + length > query.length) return undefined;
    labels.push(query.toString('latin1', at, at + length));
    at += length;
  }
  const host = labels.join('.').toLowerCase();
  if (at + 4 > query.length || host.length > LONGEST_NAME) return undefined;
  return { host, type: query.readUInt16BE(at), end: at + 4 };
}

export function answerQuery(query: Buffer, answers: NameAnswers): Buffer | undefined {
  const question = readQuestion(query);
  if (question === undefined) return undefined;
  const address = answers.addressOf(question.host);
  const header = Buffer.alloc(HEADER_BYTES);
  query.copy(header, 0, 0, 2);
  header.writeUInt16BE(0x8480 | (query.readUInt16BE(2) & 0x0100) | (address === undefined ? NAME_ERROR : 0), 2);
  header.writeUInt16BE(1, 4);
  const asked = query.subarray(HEADER_BYTES, question.end);
  if (address === undefined || question.type !== TYPE_A) return Buffer.concat([header, asked]);
  header.writeUInt16BE(1, 6);
  const record = Buffer.alloc(12);
  record.writeUInt16BE(0xc000 | HEADER_BYTES, 0); // the name of the question
  record.writeUInt16BE(TYPE_A, 2);
  record.writeUInt16BE(1, 4); // class IN
  record.writeUInt32BE(LIFE_SECONDS, 6);
  record.writeUInt16BE(4, 10);
  return Buffer.concat([header, asked, record, Buffer.from(address.split('.').map(Number))]);
}

/** Serves on a socket that was opened inside the box. */
export function serveNames(socket: Socket, answers: NameAnswers): void {
  socket.on('message', (query, from) => {
    const answer = answerQuery(query, answers);
    // The asker may be gone by now, which concerns nobody.
    if (answer !== undefined) socket.send(answer, from.port, from.address, () => undefined);
  });
  socket.on('error', () => socket.close());
}
