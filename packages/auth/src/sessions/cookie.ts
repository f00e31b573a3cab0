import { headerOf, type AuthRequest } from '../request.ts';

/**
 * A `Set-Cookie` value that only this host can set and only https carries (the `__Host-` rules: `Secure`, `Path=/`, no
 * `Domain`). `Lax`, because a sign-in comes back by a top-level navigation from another site.
 */
export function setCookie(name: string, value: string, maxAgeSeconds: number): string {
  return `${name}=${value}; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=${Math.max(0, Math.floor(maxAgeSeconds))}`;
}

/**
 * The value of a cookie. A cookie that came twice reads as absent: one of the two was planted, and nobody can say which.
 */
export function readCookie(request: Pick<AuthRequest, 'headers'>, name: string): string | undefined {
  const header = headerOf(request.headers, 'cookie');
  const text = typeof header === 'string' ? header : header?.join('; ');
  const values = (text ?? '')
    .split(';')
    .map((pair) => pair.trim())
    .filter((pair) => pair.startsWith(`${name}=`))
    .map((pair) => pair.slice(name.length + 1));
  return values.length === 1 ? values[0] : undefined;
}
