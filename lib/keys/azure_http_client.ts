import { PotError, UnreachableError } from "../core/errors.ts";
import { isLinkLocal } from "../core/is_link_local.ts";
import { isLoopback } from "../core/is_loopback.ts";
import { type HttpFetch, httpRequest } from "../io/http_request.ts";
import type { OptionalPackages } from "../io/load_package.ts";

/** What Azure's SDKs take for their HTTP. */
export type AzureHttpClient = NonNullable<
  NonNullable<ConstructorParameters<OptionalPackages["azure-secrets"]["SecretClient"]>[2]>["httpClient"]
>;

/** One exchange that an SDK had, as far as an error may tell of it. */
export interface AzureExchange {
  /** With its port, where that is not the usual one. */
  readonly host: string;
  /** `undefined`: there was no whole answer. */
  readonly status?: number;
  /** Why there was none. */
  readonly failure?: UnreachableError;
  /** The service's names for what went wrong, the most general first; its sentences are left out. */
  readonly codes: readonly string[];
  /** Seconds, or a date, as the service says it. */
  readonly retryAfter?: string;
}

/** Carries the SDKs' requests, and remembers what became of them: their own errors wrap each other and quote answers. */
export interface AzureTransport {
  readonly httpClient: AzureHttpClient;
  /** The latest ones, oldest first. */
  readonly exchanges: readonly AzureExchange[];
}

export interface AzureTransportOptions {
  /** @default globalThis.fetch */
  readonly fetch?: HttpFetch;
  /** For one exchange. */
  readonly timeoutMs: number;
  /** What ends the exchange that begins now. */
  readonly signal: () => AbortSignal | undefined;
}

/** Far more than a token or a secret takes. */
const MAX_BYTES = 256 * 1024;

/** More than one question to the vault leads to. */
const MAX_EXCHANGES = 16;

/**
 * HTTP for Azure's SDKs by this project's rules: HTTPS only, no redirect followed, nothing tried again, answers bounded. Plain HTTP
 * goes to this machine and to the link-local addresses where Azure's machines answer for their managed identity, nowhere else.
 */
export function createAzureTransport({ fetch, timeoutMs, signal }: AzureTransportOptions): AzureTransport {
  const exchanges: AzureExchange[] = [];
  const remember = (exchange: AzureExchange) => {
    exchanges.push(exchange);
    if (exchanges.length > MAX_EXCHANGES) exchanges.shift();
  };
  return {
    exchanges,
    httpClient: {
      async sendRequest(request) {
        const { url, method, headers, body, timeout, abortSignal } = request;
        const { host } = requireAllowed(url, request.allowInsecureConnection ?? false);
        if ((method !== "GET" && method !== "POST") || (typeof (body ?? "") !== "string")) {
          throw new PotError("Cannot ask Azure as its SDK sends what this version does not know");
        }
        const stop = new AbortController();
        abortSignal?.addEventListener("abort", () => stop.abort());
        if (abortSignal?.aborted) stop.abort();
        const outer = signal();
        const answer = await httpRequest(url, {
          ...(fetch === undefined ? {} : { fetch }),
          method,
          headers: headers.toJSON(),
          ...(typeof body === "string" ? { body } : {}),
          timeoutMs: timeout > 0 ? Math.min(timeout, timeoutMs) : timeoutMs,
          maxBytes: MAX_BYTES,
          isLinkLocalAllowed: true,
          signal: outer === undefined ? stop.signal : AbortSignal.any([outer, stop.signal]),
        }).catch((error) => {
          if (error instanceof UnreachableError) remember({ host, codes: [], failure: error });
          throw error;
        });
        const bodyAsText = new TextDecoder().decode(answer.bytes);
        const retryAfter = answer.headers.get("retry-after");
        remember({
          host,
          status: answer.status,
          codes: answer.status < 400 ? [] : codesOf(bodyAsText),
          ...(retryAfter === null ? {} : { retryAfter }),
        });
        return { request, status: answer.status, headers: new AnswerHeaders(answer.headers), bodyAsText };
      },
    },
  };
}

function requireAllowed(text: string, allowsPlainHttp: boolean): URL {
  const url = new URL(text);
  const { protocol, hostname } = url;
  if (protocol === "https:") return url;
  if (protocol === "http:" && allowsPlainHttp && (isLoopback(hostname) || isLinkLocal(hostname))) return url;
  throw new PotError("Cannot ask Azure as the address is not an https:// one", {
    facts: [`host: ${url.host}`],
    hint: "check AZURE_AUTHORITY_HOST and the vault in POT_KEY_SOURCE",
  });
}

/** `error.code` and `error.innererror.code` of a vault, `error` and `error_codes` of Microsoft Entra ID. */
function codesOf(body: string): readonly string[] {
  const { error, error_codes: numbers } = objectOf(() => JSON.parse(body));
  const { code, innererror } = objectOf(() => error);
  const names = [error, code, objectOf(() => innererror)["code"]];
  return [
    ...names.filter((name): name is string => typeof name === "string" && /^[\w.-]{1,60}$/.test(name)),
    ...(Array.isArray(numbers) ? numbers : []).filter(Number.isSafeInteger).map((number) =>
      `AADSTS${number}`
    ),
  ];
}

function objectOf(read: () => unknown): Readonly<Record<string, unknown>> {
  try {
    const value = read();
    return typeof value === "object" && value !== null ? value as Record<string, unknown> : {};
  } catch {
    return {};
  }
}

type SdkHeaders = Awaited<ReturnType<AzureHttpClient["sendRequest"]>>["headers"];

/** Headers with the methods that the SDKs call. */
class AnswerHeaders implements SdkHeaders {
  readonly #headers: Headers;

  constructor(headers: Headers) {
    this.#headers = headers;
  }

  get(name: string): string | undefined {
    return this.#headers.get(name) ?? undefined;
  }

  has(name: string): boolean {
    return this.#headers.has(name);
  }

  set(name: string, value: string | number | boolean): void {
    this.#headers.set(name, String(value));
  }

  delete(name: string): void {
    this.#headers.delete(name);
  }

  toJSON(): Record<string, string> {
    return Object.fromEntries(this.#headers);
  }

  [Symbol.iterator](): Iterator<[string, string]> {
    return this.#headers.entries();
  }
}
