/**
 * Writes under load until it is killed, and notes every acknowledged record in a file of its own.
 * Usage: crash-writer.ts <log directory> <file of acknowledgements> [segment bytes]
 */
import { openSync, writeSync } from 'node:fs';
import { createAuditLog } from '../../src/log.ts';
import { signerFromSeed, testKeys } from '../kit.ts';

const [directory, ackPath, segmentBytes = '262144'] = process.argv.slice(2) as [string, string, string?];
const acks = openSync(ackPath, 'a');
const log = await createAuditLog({
  directory,
  signer: signerFromSeed('a'),
  keys: testKeys(),
  maxSegmentBytes: Number(segmentBytes),
  checkpointEveryRecords: 256,
  checkpointEveryMs: 50,
});
writeSync(acks, `opened ${log.state().size}\n`);

let counter = 0;
async function worker(number: number): Promise<never> {
  for (;;) {
    counter += 1;
    const actor = { issuer: 'https://idp.example', subject: `user-${counter % 50}`, ip: `198.51.100.${number}` };
    if (counter % 5 === 0) {
      const exchange = log.exchange({ actor, durability: 'strict' });
      await exchange.intent({ type: 'mcp.tool.call', target: { server: 's', method: 'tools/call', name: 'delete' } });
      writeSync(acks, `intent ${exchange.id}\n`);
      const { id } = await exchange.finish({ type: 'mcp.tool.result', outcome: 'ok' });
      writeSync(acks, `ack ${id}\nterminal ${exchange.id}\n`);
    } else {
      const { id } = await log.record({
        type: 'mcp.tool.result',
        outcome: 'ok',
        actor,
        detail: { counter, filler: 'y'.repeat(counter % 700) },
      });
      writeSync(acks, `ack ${id}\n`);
    }
  }
}
await Promise.all(Array.from({ length: 48 }, (_, number) => worker(number)));
