import type { AuditFile, AuditFileSystem } from '../storage/file-system.ts';

/** Operations that can be made to fail. `write`, `datasync` and `truncate` are those of open files. */
export type FaultyOperation =
  | 'open'
  | 'write'
  | 'datasync'
  | 'truncate'
  | 'replaceFile'
  | 'remove'
  | 'syncDirectory'
  | 'readFile';

export interface Fault {
  operation: FaultyOperation;
  /** System error code, such as `ENOSPC` or `EIO`. */
  code: string;
  /** How often it fails; default forever. */
  times?: number;
  /** Operations that still succeed before. Default 0. */
  after?: number;
  /** Only paths that hold this text. */
  path?: string;
  /** A failing write leaves this many of its bytes behind, as a full disk does. Default 0. */
  partialBytes?: number;
}

export interface FaultyFileSystem extends AuditFileSystem {
  /** From now on the operation fails. Returns a function that mends it. */
  fail(fault: Fault): () => void;
  /** Holds back every `datasync` until the returned function is called. */
  stall(): () => void;
  readonly injected: number;
}

/** A file system with faults to inject, over a real one. */
export function faultyFileSystem(inner: AuditFileSystem): FaultyFileSystem {
  const faults = new Set<Fault & { left: number; skip: number }>();
  let injected = 0;
  let held: Promise<void> | undefined;

  const check = (operation: FaultyOperation, path: string): Fault | undefined => {
    for (const fault of faults) {
      if (fault.operation !== operation || (fault.path !== undefined && !path.includes(fault.path))) continue;
      if (fault.skip > 0) {
        fault.skip -= 1;
        continue;
      }
      if (fault.left <= 0) continue;
      fault.left -= 1;
      injected += 1;
      return fault;
    }
    return undefined;
  };
  const raise = (fault: Fault): never => {
    throw Object.assign(new Error(`${fault.code}: injected into ${fault.operation}`), { code: fault.code });
  };
  const guard = (operation: FaultyOperation, path: string): void => {
    const fault = check(operation, path);
    if (fault) raise(fault);
  };

  const wrap = (file: AuditFile, path: string): AuditFile => ({
    async write(bytes, position) {
      const fault = check('write', path);
      if (fault) {
        await file.write(bytes.subarray(0, fault.partialBytes ?? 0), position);
        raise(fault);
      }
      await file.write(bytes, position);
    },
    read: (into, position) => file.read(into, position),
    async datasync() {
      await held;
      guard('datasync', path);
      await file.datasync();
    },
    async truncate(bytes) {
      guard('truncate', path);
      await file.truncate(bytes);
    },
    close: () => file.close(),
  });

  return {
    ...inner,
    async open(path, mode) {
      guard('open', path);
      return wrap(await inner.open(path, mode), path);
    },
    async readFile(path) {
      guard('readFile', path);
      return inner.readFile(path);
    },
    async replaceFile(path, bytes) {
      guard('replaceFile', path);
      await inner.replaceFile(path, bytes);
    },
    async remove(path) {
      guard('remove', path);
      await inner.remove(path);
    },
    async syncDirectory(directory) {
      guard('syncDirectory', directory);
      await inner.syncDirectory(directory);
    },
    fail(fault) {
      const entry = { ...fault, left: fault.times ?? Number.POSITIVE_INFINITY, skip: fault.after ?? 0 };
      faults.add(entry);
      return () => void faults.delete(entry);
    },
    stall() {
      let release: () => void = () => undefined;
      held = new Promise((resolve) => {
        release = () => {
          held = undefined;
          resolve();
        };
      });
      return () => release();
    },
    get injected() {
      return injected;
    },
  };
}
