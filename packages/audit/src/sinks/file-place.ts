import { dirname } from 'node:path';
import type { AuditFileSystem } from '../storage/file-system.ts';
import { nodeFileSystem } from '../storage/file-system.ts';
import type { CheckpointPlace } from '../writer/checkpoint-keeper.ts';

export interface FilePlaceOptions {
  /** Default `file`. */
  name?: string;
  /** A file on another machine or a write-once mount; on the same disk it protects against mistakes only. */
  path: string;
  fileSystem?: AuditFileSystem;
}

/** Appends every checkpoint to a file, durably; the verifiers take that file as `--trusted`. */
export function filePlace(options: FilePlaceOptions): CheckpointPlace {
  const fs = options.fileSystem ?? nodeFileSystem();
  const { path } = options;
  return {
    name: options.name ?? 'file',
    async publish(note) {
      await fs.makeDirectory(dirname(path));
      const size = await fs.size(path);
      const file = await fs.open(path, size === undefined ? 'create' : 'write');
      try {
        await file.write(Buffer.from(note), size ?? 0);
        await file.datasync();
      } finally {
        await file.close();
      }
    },
  };
}
