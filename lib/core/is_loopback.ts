/** Whether a URL's host name, as `URL.hostname` gives it, means this machine: the only place plain text may go. */
export function isLoopback(hostname: string): boolean {
  return hostname === "localhost" || hostname === "[::1]" || /^127(?:\.\d{1,3}){3}$/.test(hostname);
}
