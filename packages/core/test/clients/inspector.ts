import { execFile } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

/** Runs the MCP Inspector's command line once and returns what it printed, parsed; rejects when it fails. */
export function inspect(url: string, home: string, ...args: string[]): Promise<unknown> {
  const manifest = createRequire(import.meta.url).resolve('@modelcontextprotocol/inspector/package.json');
  const launcher = join(dirname(manifest), 'clients', 'launcher', 'build', 'index.js');
  return new Promise((resolve, reject) => {
    execFile(
      process.execPath,
      [launcher, '--cli', url, '--transport', 'http', '--quiet', ...args],
      // It keeps a catalogue in the home folder; the test's own stays the test's own.
      { env: { ...process.env, HOME: home, USERPROFILE: home, NODE_OPTIONS: '' }, timeout: 60_000 },
      (error, stdout, stderr) => {
        if (error === null) resolve(stdout.trim() === '' ? undefined : JSON.parse(stdout));
        else reject(new Error(`${error.message}\n${stderr}`));
      },
    );
  });
}
