/**
 * Whether a URL's host name, as `URL.hostname` gives it, is an IPv4 link-local address (RFC 3927): no router forwards it, and clouds answer
 * there, in plain text, for the machine that asks.
 */
export function isLinkLocal(hostname: string): boolean {
  return /^169\.254(?:\.\d{1,3}){2}$/.test(hostname);
}
