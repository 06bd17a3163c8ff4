import { UnreachableError, UsageError } from "../core/errors.ts";
import { isLinkLocal } from "../core/is_link_local.ts";
import { isLoopback } from "../core/is_loopback.ts";
import { redactText, redactUrl } from "../core/redact.ts";
import { TLS_HINT, TlsError } from "../core/tls_error.ts";
import { tlsFailure } from "../core/tls_failure.ts";

/** Just `globalThis.fetch`, as far as it is needed. */
export type HttpFetch = (url: string, init: RequestInit) => Promise<Response>;

export interface HttpRequestOptions {
  /** @default globalThis.fetch */
  readonly fetch?: HttpFetch;
  /** @default GET */
  readonly method?: "GET" | "POST" | "PUT" | "DELETE";
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array<ArrayBuffer>;
  /** For the whole exchange, the answer's body included. */
  readonly timeoutMs: number;
  /** A longer body is not read to its end. */
  readonly maxBytes: number;
  readonly signal?: AbortSignal;
  /** Lets plain HTTP go to 169.254.0.0/16 too, where a cloud answers for this machine's identity. @default false */
  readonly isLinkLocalAllowed?: boolean;
}

/** What the other side answered, whatever its status. */
export interface HttpAnswer {
  readonly status: number;
  readonly headers: Headers;
  /** The body, or its beginning where `isTooLong`. Decompressed. */
  readonly bytes: Uint8Array;
  readonly isTooLong: boolean;
}

/**
 * One HTTP exchange: no retry, no redirect followed (one could lead to plain HTTP), no more of the body than was asked for.
 *
 * @throws {UsageError} for a URL that is not HTTPS, loopback excepted, and for a header that cannot be sent; nothing is sent then
 * @throws {TlsError} when the other side cannot show who it is
 * @throws {UnreachableError} when there is no whole answer in time
 * @throws the signal's reason, when it aborts
 */
export async function httpRequest(url: string, options: HttpRequestOptions): Promise<HttpAnswer> {
  const { fetch = globalThis.fetch, method = "GET", headers = {}, body, timeoutMs, maxBytes, signal } =
    options;
  signal?.throwIfAborted();
  assertSecure(url, options.isLinkLocalAllowed ?? false);
  assertCarriable(headers);
  const timeout = new AbortController();
  const timer = setTimeout(() => timeout.abort(), timeoutMs);
  try {
    const response = await fetch(url, {
      method,
      headers: { ...headers },
      ...(body === undefined ? {} : { body }),
      redirect: "manual",
      signal: signal === undefined ? timeout.signal : AbortSignal.any([signal, timeout.signal]),
    });
    return {
      status: response.status,
      headers: response.headers,
      ...await readBody(response, maxBytes),
    };
  } catch (error) {
    signal?.throwIfAborted();
    const untrusted = tlsFailure(error);
    if (untrusted !== undefined) {
      throw new TlsError("Cannot tell as the other side could not show who it is", {
        facts: [`asked: ${redactUrl(url)}`, `reason: ${untrusted}`],
        hint: TLS_HINT,
      });
    }
    const reason = timeout.signal.aborted
      ? `no answer in ${timeoutMs} ms`
      : error instanceof Error
      ? redactText(error.message)
      : "unknown";
    throw new UnreachableError("Cannot tell as the other side did not answer", {
      facts: [`asked: ${redactUrl(url)}`, `reason: ${reason}`],
      hint: "check the address and the network, then try again",
    });
  } finally {
    clearTimeout(timer);
  }
}

function assertSecure(url: string, isLinkLocalAllowed: boolean): void {
  if (URL.canParse(url)) {
    const { protocol, hostname } = new URL(url);
    if (protocol === "https:") return;
    if (protocol === "http:" && (isLoopback(hostname) || (isLinkLocalAllowed && isLinkLocal(hostname)))) {
      return;
    }
  }
  throw new UsageError("Cannot ask as the address is not an https:// URL", {
    facts: [`address: ${redactUrl(url)}`],
    hint: "plain http:// is for this machine only (localhost, 127.0.0.1, [::1])",
  });
}

/** The platform's own error for such a header shows its value, which may be a token. */
function assertCarriable(headers: Readonly<Record<string, string>>): void {
  const [name] = Object.entries(headers).find(([, value]) => /[^\t\x20-\x7e\x80-\xff]/.test(value)) ?? [];
  if (name === undefined) return;
  throw new UsageError("Cannot ask as a header would hold what HTTP does not carry", {
    facts: [`header: ${name}`],
    hint: "give the setting behind it as one line, without what comes at its end",
  });
}

async function readBody(
  response: Response,
  maxBytes: number,
): Promise<Pick<HttpAnswer, "bytes" | "isTooLong">> {
  if (response.body === null) return { bytes: new Uint8Array(), isTooLong: false };
  const chunks: Uint8Array[] = [];
  let length = 0;
  // Leaving the loop cancels the rest.
  for await (const chunk of response.body) {
    chunks.push(chunk);
    length += chunk.length;
    if (length > maxBytes) break;
  }
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return { bytes: bytes.subarray(0, maxBytes), isTooLong: length > maxBytes };
}
