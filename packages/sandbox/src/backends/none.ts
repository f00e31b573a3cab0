import { spawn } from 'node:child_process';
import { everyPermission, type SandboxBackend } from './backend.ts';

/** Needed to run a command with no box at all. A symbol, so that no data file can hold it. */
export const RUN_WITHOUT_BOX: unique symbol = Symbol('run without a box');

/** The sentence that an operator's file has to hold for the same. */
export const NO_BOX_SENTENCE = 'this server can read, change and send everything that I can';

/**
 * No confinement. The command gets the declared environment only, limits are watched from outside, and that is all; it can leave all of
 * it behind.
 */
export function noBackend(permission: typeof RUN_WITHOUT_BOX): SandboxBackend {
  if (permission !== RUN_WITHOUT_BOX)
    throw new TypeError('to run without a box takes the exported symbol RUN_WITHOUT_BOX');
  return {
    name: 'none',
    enforces: everyPermission('not-enforceable'),
    ownsNetwork: false,
    examine: () => Promise.resolve({ usable: true, version: 'none' }),
    launch({ command, environment, plan }) {
      const [file, ...args] = command;
      const child = spawn(file!, args, {
        env: { ...environment, HOME: process.cwd() },
        cwd: plan.cwd,
        stdio: ['pipe', 'pipe', 'pipe'],
      });
      const exitCode = new Promise<number | undefined>((resolve) => {
        child.once('close', (code) => resolve(code ?? undefined));
        child.once('error', () => resolve(undefined));
      });
      return Promise.resolve({ child, status: { init: Promise.resolve(child.pid), exitCode } });
    },
  };
}
