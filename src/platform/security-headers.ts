/** For every answer of the Worker; `web/public/_headers` says the same for static assets. */
export const SECURITY_HEADERS: Readonly<Record<string, string>> = {
  // 'unsafe-inline' for styles: code highlighting and toasts set them on elements.
  "content-security-policy":
    "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; " +
    "connect-src 'self'; font-src 'self'; frame-ancestors 'none'; base-uri 'none'; object-src 'none'",
  "x-content-type-options": "nosniff",
  "referrer-policy": "same-origin",
  "cross-origin-opener-policy": "same-origin",
  "permissions-policy": "camera=(), geolocation=(), microphone=()",
};
