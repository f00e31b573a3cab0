#!/usr/bin/env node
import { homedir } from 'node:os';
import { fileURLToPath } from 'node:url';
import { killAllNow } from '@sekisho/core';
import metadata from '../package.json' with { type: 'json' };
import { run } from './cli/run.ts';
import { listenForSignals } from './cli/signals.ts';

// Whatever ends this process, no server of ours outlives it.
process.on('exit', killAllNow);

const exitCode = await run(process.argv.slice(2), {
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
  env: process.env,
  cwd: process.cwd(),
  home: homedir(),
  platform: process.platform,
  now: Date.now,
  version: metadata.version,
  program: process.env['SEKISHO_PROGRAM'] ?? 'sekisho',
  self: [process.execPath, ...process.execArgv, fileURLToPath(import.meta.url)],
  onSignal: listenForSignals,
  abort: (code) => process.exit(code),
});
// Standard input or a channel to the parent may still be open; there is nothing left to wait for but what is being printed.
process.stdout.write('', () => process.exit(exitCode));
