import { isSecretName } from './secret-set.ts';

const flag = /^--?(?<name>[A-Za-z][\w.-]*)(?:=(?<value>[^]*))?$/;
/** A file or a number is named here, not the secret itself: `--private-key-file`, `--max-tokens 4096`. */
const namesNoSecret = /(?:file|path|dir|folder|name|id|limit|count|ttl|url)$/i;
const noSecret = /^\d+$|^[./~]|^(?:true|false)$/i;
/** Shorter ones are words. */
const leastLength = 6;

/** What stands openly among the arguments of a program and is a secret by its flag: `--api-key x`, `--token=x`. */
export function secretsInArguments(args: readonly string[]): string[] {
  return args.flatMap((argument, at) => {
    const { name, value } = flag.exec(argument)?.groups ?? {};
    if (name === undefined || !isSecretName(name) || namesNoSecret.test(name)) return [];
    const next = args[at + 1];
    const said = value ?? (next?.startsWith('-') === true ? undefined : next);
    return said === undefined || said.length < leastLength || noSecret.test(said) ? [] : [said];
  });
}

/** The password of a connection string, as it is written and as it is meant. */
export function passwordsOfUrl(text: string): string[] {
  if (!text.includes('://') || !text.includes('@')) return [];
  const password = URL.parse(text)?.password ?? '';
  if (password.length < leastLength) return [];
  try {
    return [...new Set([password, decodeURIComponent(password)])];
  } catch {
    // A percent sign that encodes nothing: it is meant as it is written.
    return [password];
  }
}
