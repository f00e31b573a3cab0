const units = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000, y: 31_536_000_000 } as const;

/** Milliseconds of `90d`, `12h`, `1y` (365 days); `invalid` for anything else. */
export function readDuration(text: string): number | 'invalid' {
  const match = /^(\d{1,6})([smhdwy])$/.exec(text.trim());
  return match === null ? 'invalid' : Number(match[1]) * units[match[2] as keyof typeof units];
}
