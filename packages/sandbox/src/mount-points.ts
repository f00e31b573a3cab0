import { lstatSync, unlinkSync } from 'node:fs';
import type { BoxPlan } from './plan.ts';

/**
 * A path that is kept missing inside needs a mount point, which bubblewrap makes on the host as an empty file. It goes when the last box
 * that uses it has ended, and not earlier: removing it would take the mount away from the others.
 */
export interface MountPointKeeper {
  /** To be called before the start; the result once the box has ended. */
  hold(plan: BoxPlan): () => void;
}

const isEmptyFile = (path: string): boolean => {
  const stat = lstatSync(path, { throwIfNoEntry: false });
  return stat !== undefined && stat.isFile() && stat.size === 0;
};

export function createMountPointKeeper(): MountPointKeeper {
  const users = new Map<string, number>();
  return {
    hold(plan) {
      const held = plan.mounts
        .filter(({ kind, path }) => kind === 'keep-missing' || users.has(path))
        .map(({ path }) => path);
      for (const path of held) users.set(path, (users.get(path) ?? 0) + 1);
      return () => {
        for (const path of held.splice(0)) {
          const left = users.get(path)! - 1;
          if (left > 0) {
            users.set(path, left);
            continue;
          }
          users.delete(path);
          if (isEmptyFile(path)) unlinkSync(path);
        }
      };
    },
  };
}
