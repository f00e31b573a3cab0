/**
 * Whether a path is `base` or lies below it, by whole components: `/data-secret` is not within `/data`. A path that is
 * relative, has `.` or `..` components, empty ones, backslashes or control characters is within nothing.
 *
 * It does NOT look at the file system: links are the sandbox's business.
 */
export function pathWithin(path: string, base: string): boolean {
  // oxlint-disable-next-line no-control-regex
  if (!path.startsWith('/') || /[\u0000-\u001f\u007f\\]/.test(path)) return false;
  const components = path.slice(1).split('/');
  if (components.at(-1) === '') components.pop();
  if (components.some((component) => component === '' || component === '.' || component === '..')) return false;
  const trimmed = base.endsWith('/') ? base.slice(0, -1) : base;
  return path === trimmed || path.startsWith(`${trimmed}/`);
}
