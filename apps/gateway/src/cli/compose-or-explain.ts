import { AuditStartError } from '../audit/start-error.ts';
import { compose, type ComposeOptions, type Composition } from '../compose.ts';
import type { LoadedConfig } from '../config/load.ts';
import { KeyRoomError } from '../mount/key-room.ts';
import { print, type Io } from './io.ts';
import { plainText } from './terminal.ts';

/** Composes the gateway; where a part cannot start for a reason that the operator can mend, says which and how. */
export async function composeOrExplain(
  config: LoadedConfig,
  options: ComposeOptions,
  io: Io,
): Promise<Composition | undefined> {
  try {
    const composition = await compose(config, options);
    for (const remark of composition.audit.remarks) print(io.stderr, remark);
    return composition;
  } catch (error) {
    if (error instanceof KeyRoomError) {
      print(io.stderr, plainText(error.message));
      return undefined;
    }
    if (!(error instanceof AuditStartError)) throw error;
    print(io.stderr, plainText(config.secrets.mask(`${error.code}: ${error.message}`)));
    return undefined;
  }
}
