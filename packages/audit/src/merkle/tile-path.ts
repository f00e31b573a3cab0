/** Hashes in a full tile, and levels of the tree a tile spans (C2SP tlog-tiles). */
export const TILE_WIDTH = 256;
export const TILE_HEIGHT = 8;

/** Number of a tile as a path: groups of three digits, all but the last marked with x. */
function tileNumber(n: number): string {
  const groups = [String(n % 1000).padStart(3, '0')];
  for (let rest = Math.floor(n / 1000); rest > 0; rest = Math.floor(rest / 1000)) {
    groups.unshift(`x${String(rest % 1000).padStart(3, '0')}`);
  }
  return groups.join('/');
}

/** Path of a hash tile or (`entries`) an entry bundle; `width` below 256 names a partial one. */
export function tilePath(level: number | 'entries', n: number, width: number = TILE_WIDTH): string {
  return `tile/${level}/${tileNumber(n)}${width === TILE_WIDTH ? '' : `.p/${width}`}`;
}
