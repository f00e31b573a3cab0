import type { Signer } from '../../src/note/signer.ts';
import { openLog } from '../kit.ts';

/** Writes a log of so many ordinary records, about 800 bytes each, and returns its directory. */
export async function writeCleanLog(directory: string, records: number, signer: Signer): Promise<string> {
  const log = await openLog({ directory, signer, now: Date.now });
  const actor = { issuer: 'https://idp.example', subject: 'soak', ip: '192.0.2.9' };
  const target = { server: 'github', method: 'tools/call', name: 'create_issue', era: '2026-07-28' };
  const authz = { effect: 'allow', rule: 'developers-may-call', policyHash: 'a'.repeat(64) } as const;
  const detail = { filler: 'x'.repeat(180) };
  let written = 0;
  const worker = async (): Promise<void> => {
    while (written < records) {
      written += 1;
      await log.record({
        type: 'mcp.tool.result',
        outcome: 'ok',
        actor,
        target,
        authz,
        request: { id: written, bytes: 1234 },
        response: { bytes: 4567, code: 200, durationMs: 12.5 },
        trace: `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`,
        detail,
      });
    }
  };
  await Promise.all(Array.from({ length: 256 }, worker));
  await log.close();
  return directory;
}
