const contextLines = 2;

/**
 * The one place where two texts differ, as lines with `-` and `+`, and a little around it. What looks like the value of
 * a secret is not shown: the lines around our entry are other servers' entries.
 */
export function describeChange(before: string, after: string): string[] {
  const old = before === '' ? [] : before.split('\n');
  const next = after.split('\n');
  let start = 0;
  while (start < old.length && start < next.length && old[start] === next[start]) start++;
  let end = 0;
  while (end < old.length - start && end < next.length - start && old.at(-1 - end) === next.at(-1 - end)) end++;
  const lines = [
    ...next.slice(Math.max(0, start - contextLines), start).map((line) => `  ${line}`),
    ...old.slice(start, old.length - end).map((line) => `- ${line}`),
    ...next.slice(start, next.length - end).map((line) => `+ ${line}`),
    ...next.slice(next.length - end, next.length - end + contextLines).map((line) => `  ${line}`),
  ];
  return lines.map((line) => hideSecrets(line.replace(/\r$/, '')));
}

function hideSecrets(line: string): string {
  return line.replace(
    /(?<key>["']?[\w.-]*(?:token|key|secret|passw|authorization|credential)[\w.-]*["']?\s*[:=]\s*)(?<quote>["']).*?\k<quote>/gi,
    '$<key>$<quote>****$<quote>',
  );
}
