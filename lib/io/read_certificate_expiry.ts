import { isIP } from "node:net";
import { connect } from "node:tls";
import { UnreachableError } from "../core/errors.ts";

/** Whose certificate is looked at. */
export interface CertificateExpiryOptions {
  readonly hostname: string;
  /** @default 443 */
  readonly port?: number;
  /** For the whole handshake. @default 10_000 */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

/**
 * When the certificate that a server shows expires, in milliseconds since the Unix epoch. Only looked at: nothing is sent, and whether
 * it is to be trusted is the business of whoever sends something.
 *
 * @throws {UnreachableError} when there is no handshake in time
 * @throws the signal's reason, when it aborts
 */
export async function readCertificateExpiry(
  { hostname, port = 443, timeoutMs = 10_000, signal }: CertificateExpiryOptions,
): Promise<number> {
  signal?.throwIfAborted();
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const unreachable = (reason: string) =>
    reject(
      new UnreachableError("Cannot look at the certificate as the server shows none", {
        facts: [`server: ${hostname}:${port}`, `reason: ${reason}`],
        hint: "check the address and the network, then try again",
      }),
    );
  // An address is no name that could be asked for (RFC 6066 §3).
  const host = hostname.replace(/^\[|\]$/g, "");
  const named = isIP(host) === 0 ? { servername: host } : {};
  const socket = connect({ host, port, ...named, rejectUnauthorized: false }, () => {
    const atMs = Date.parse(socket.getPeerCertificate().valid_to);
    if (Number.isNaN(atMs)) unreachable("it names no date");
    else resolve(atMs);
  });
  socket.on("error", (error) => unreachable(error.message));
  const timer = setTimeout(() => unreachable(`no handshake in ${timeoutMs} ms`), timeoutMs);
  const onAbort = () => reject(signal!.reason);
  signal?.addEventListener("abort", onAbort, { once: true });
  try {
    return await promise;
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", onAbort);
    socket.destroy();
  }
}
