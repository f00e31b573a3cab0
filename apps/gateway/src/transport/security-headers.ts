/**
 * What every response says to a browser, errors and streams included: nothing here may be framed, sniffed, scripted or
 * remembered. HSTS only on TLS, where it means something (RFC 6797, section 7.2).
 */
export function securityHeaders(encrypted: boolean): Readonly<Record<string, string>> {
  return {
    'X-Frame-Options': 'DENY',
    'Content-Security-Policy': "default-src 'none'; frame-ancestors 'none'",
    'Referrer-Policy': 'no-referrer',
    'Permissions-Policy': 'camera=(), geolocation=(), microphone=(), payment=(), usb=()',
    'Cross-Origin-Resource-Policy': 'same-origin',
    ...(encrypted ? { 'Strict-Transport-Security': 'max-age=31536000; includeSubDomains' } : {}),
  };
}

/** The same with what the gateway itself always adds; for responses that do not pass through it. */
export function allHeaders(encrypted: boolean): Readonly<Record<string, string>> {
  return { 'X-Content-Type-Options': 'nosniff', 'Cache-Control': 'no-store', ...securityHeaders(encrypted) };
}
