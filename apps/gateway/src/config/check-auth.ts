import { randomBytes } from 'node:crypto';
import { memoryKeyStore } from '@sekisho/auth/keys';
import { createGates, lastingParts } from '../mount/auth-gates.ts';
import { whyNotListen } from '../mount/listening.ts';
import type { GatheredFile } from './gather.ts';
import { configError, type ConfigProblem } from './problem.ts';
import type { RootSettings } from './settings-schema.ts';

const quiet = () => undefined;
const silent = { debug: quiet, info: quiet, warn: quiet, error: quiet };

/**
 * What can be said of authentication before anybody calls: gates are made as they will be, with keys of nobody, and an
 * address that others can reach is held against the rules for one. Both are errors before anything is started.
 */
export function checkAuth(settings: RootSettings, files: readonly GatheredFile[]): ConfigProblem[] {
  const { auth, listen } = settings;
  const problem = (key: 'auth' | 'listen', message: string): ConfigProblem => {
    const { document } = files.find(({ document: { value } }) => hasKey(value['x-sekisho'], key)) ?? files[0]!;
    return configError('ERR_CONFIG_SETTING', document.place(['x-sekisho', key]), message);
  };
  const problems: ConfigProblem[] = [];
  const why = listen?.host === undefined ? undefined : whyNotListen(listen.host, settings);
  if (why !== undefined) problems.push(problem('listen', why));
  if (auth === undefined) return problems;
  const administration = { store: memoryKeyStore(), peppers: { current: '1', secrets: { '1': randomBytes(32) } } };
  try {
    const parts = lastingParts(administration, { now: () => 0, log: silent }, auth.failures);
    createGates({ section: auth, resource: 'http://127.0.0.1:7300/mcp', origins: [], servers: [] }, parts);
  } catch (thrown) {
    if (!(thrown instanceof TypeError)) throw thrown;
    problems.push(problem('auth', `"auth" is not valid: ${thrown.message}.`));
  }
  return problems;
}

function hasKey(section: unknown, key: string): boolean {
  return typeof section === 'object' && section !== null && key in section;
}
