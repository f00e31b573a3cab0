import { basename, dirname } from 'node:path';
import { isRecord, type ConfigDocument } from './document.ts';

/**
 * Whose rules a file follows where the clients disagree: Cline counts seconds, Gemini expands `$NAME`, VS Code's "http"
 * falls back to SSE, Codex ignores `headers`.
 */
export type Dialect = 'generic' | 'vscode' | 'gemini' | 'cline' | 'codex';

/** Folders that a client keeps in a project; the project is the folder around them. */
const clientFolders = new Set([
  '.vscode',
  '.cursor',
  '.gemini',
  '.codex',
  '.claude',
  '.windsurf',
  '.roo',
  '.continue',
  '.copilot',
]);
const geminiKeys = ['httpUrl', 'includeTools', 'excludeTools', 'authProviderType'];
const clineKeys = ['autoApprove', 'alwaysAllow'];

export function detectDialect(document: ConfigDocument): Dialect {
  if (document.syntax === 'toml') return 'codex';
  const name = basename(document.file).toLowerCase();
  if (basename(dirname(document.file)) === '.gemini') return 'gemini';
  if (name === 'cline_mcp_settings.json') return 'cline';
  if (isRecord(document.value['servers'])) return 'vscode';
  const keys = new Set(
    Object.values(isRecord(document.value['mcpServers']) ? document.value['mcpServers'] : {}).flatMap((entry) =>
      isRecord(entry) ? Object.keys(entry) : [],
    ),
  );
  if (geminiKeys.some((key) => keys.has(key))) return 'gemini';
  if (clineKeys.some((key) => keys.has(key))) return 'cline';
  return 'generic';
}

/** What `${workspaceFolder}` and relative paths of this file start from. */
export function findWorkspaceFolder(file: string): string {
  const folder = dirname(file);
  return clientFolders.has(basename(folder)) ? dirname(folder) : folder;
}
