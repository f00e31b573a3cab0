import { escapePattern } from './escape-pattern.ts';
import { isRecord, type ConfigDocument } from './formats/document.ts';
import type { ServerEntry } from './formats/server-entry.ts';

/** Claude Code's lists of an administrator, `allowedMcpServers` and `deniedMcpServers`. They only ever take servers away. */
export type Restrictions = { refuse(entry: ServerEntry): string | undefined };

type Rule = { readonly name?: string; readonly command?: readonly string[]; readonly url?: RegExp };

export function readRestrictions(document: ConfigDocument): Restrictions {
  const denied = readRules(document.value['deniedMcpServers']);
  const allowed = readRules(document.value['allowedMcpServers']);
  return {
    refuse(entry) {
      if (denied?.some((rule) => matches(rule, entry)) === true) return 'it is named in "deniedMcpServers".';
      if (allowed === undefined) return undefined;
      // Where the list names commands (or addresses), a name alone no longer admits a server of that kind.
      const exact = allowed.filter((rule) => (entry.launch.kind === 'stdio' ? rule.command : rule.url) !== undefined);
      const deciding = exact.length > 0 ? exact : allowed;
      return deciding.some((rule) => matches(rule, entry)) ? undefined : 'it is not named in "allowedMcpServers".';
    },
  };
}

function readRules(list: unknown): Rule[] | undefined {
  if (!Array.isArray(list)) return undefined;
  return list.filter(isRecord).map(({ serverName, serverCommand, serverUrl }) => ({
    ...(typeof serverName === 'string' ? { name: serverName } : {}),
    ...(Array.isArray(serverCommand) ? { command: serverCommand.map(String) } : {}),
    ...(typeof serverUrl === 'string' ? { url: wildcard(serverUrl) } : {}),
  }));
}

function matches(rule: Rule, { name, launch }: ServerEntry): boolean {
  if (rule.name === name) return true;
  if (launch.kind === 'http') return rule.url?.test(launch.url) ?? false;
  const command = [launch.command, ...launch.args];
  return rule.command?.length === command.length && rule.command.every((part, index) => part === command[index]);
}

function wildcard(pattern: string): RegExp {
  return new RegExp(
    `^${pattern
      .split('*')
      .map((part) => escapePattern(part))
      .join('.*')}$`,
  );
}
