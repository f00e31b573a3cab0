import { nodeFileSystem } from '../storage/file-system.ts';
import type { AuditFileSystem } from '../storage/file-system.ts';
import { layoutOf } from '../storage/layout.ts';
import type { Layout } from '../storage/layout.ts';

/** Where a log is. An open `AuditLog` is one too; reading needs no lock and may happen while another process writes. */
export interface LogLocation {
  directory: string;
  /** Default: the real file system. */
  fileSystem?: AuditFileSystem;
}

export function openLocation(location: LogLocation): { fs: AuditFileSystem; layout: Layout } {
  return { fs: location.fileSystem ?? nodeFileSystem(), layout: layoutOf(location.directory) };
}
