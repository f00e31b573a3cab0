const always = ['PATH', 'HOME', 'LANG', 'TMPDIR'];
/** Without these no program starts on Windows, and none of them is a secret. */
const alwaysOnWindows = [
  'PATH',
  'PATHEXT',
  'SYSTEMROOT',
  'WINDIR',
  'COMSPEC',
  'USERPROFILE',
  'HOMEDRIVE',
  'HOMEPATH',
  'APPDATA',
  'LOCALAPPDATA',
  'PROGRAMFILES',
  'TEMP',
  'TMP',
  'LANG',
];

/** What every child finds in its environment. It starts empty: our own secrets stand in ours, and none of them is the child's business. */
export function baseEnvironment(
  env: Readonly<Record<string, string | undefined>>,
  platform: NodeJS.Platform,
): Record<string, string> {
  const wanted = new Set(platform === 'win32' ? alwaysOnWindows : always);
  const kept: Record<string, string> = {};
  for (const [name, value] of Object.entries(env)) {
    // Windows writes "Path" and means PATH.
    if (value !== undefined && wanted.has(platform === 'win32' ? name.toUpperCase() : name)) kept[name] = value;
  }
  return kept;
}
