import type { Clock } from "../core/clock.ts";
import { UnreachableError, UsageError } from "../core/errors.ts";
import { isLoopback } from "../core/is_loopback.ts";
import { redactText, redactUrl } from "../core/redact.ts";
import { TLS_HINT, TlsError } from "../core/tls_error.ts";
import { tlsFailure } from "../core/tls_failure.ts";
import type { Fetch } from "./http_endpoint.ts";

/** A contract whose source is to be published, and all that a service needs to check it. */
export interface PublishedContract {
  /** EIP-155. */
  readonly chainId: number;
  readonly contract: `0x${string}`;
  /** ABI-encoded, `0x` and hex. */
  readonly constructorArguments?: `0x${string}`;
  /** The transaction that deployed it. */
  readonly transactionHash?: `0x${string}`;
  /** Solidity standard JSON input: sources and settings. */
  readonly standardJson: string;
  /** Path and name within those sources, such as `ProofOfTraining.sol:ProofOfTraining`. */
  readonly contractName: string;
  /** With its commit, such as `0.8.37+commit.f401782d`. */
  readonly compilerVersion: string;
}

/** What a service answered in the end. */
export interface SourceVerdict {
  /** `already` counts as success: the source was published before. */
  readonly status: "verified" | "already" | "refused";
  /** The service's words. */
  readonly detail: string;
}

/** How a service is talked to. */
export interface SourceServiceOptions {
  /** Its API's address; HTTPS, loopback excepted. */
  readonly url: string;
  readonly clock: Clock;
  /** @default globalThis.fetch */
  readonly fetch?: Fetch;
  /** Pause between two questions. @default 5_000 */
  readonly pollIntervalMs?: number;
  /** How long to wait in all: for a place in the queue, for the compiler, for a rate limit to pass. @default 300_000 */
  readonly patienceMs?: number;
  readonly signal?: AbortSignal;
}

/** A service's answer: its status and the JSON in it, `undefined` where it is none. */
export interface ServiceAnswer {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>> | undefined;
  readonly retryAfterMs?: number;
}

/** Either the end, or why to ask again. */
export type Step<T> = { readonly done: T } | { readonly again: string; readonly afterMs?: number };

/** For one request; publishing sends some 40 kB, and a service may be slow to take them. */
const TIMEOUT_MS = 30_000;
const LONGEST_DETAIL = 300;

/** Asks one service, with its rate limits and its queue. */
export interface SourceService {
  /** The redacted address: safe in messages. */
  readonly name: string;
  /** Asks until a step is done; the one owner of retries towards such a service. */
  until<T>(action: string, take: () => Promise<Step<T>>): Promise<T>;
  /** One request; what was not answered is a step that asks again. */
  ask(path: string, init?: RequestInit): Promise<ServiceAnswer | { readonly again: string }>;
  /** A service's words, cut short and without secrets. */
  show(text: unknown): string;
}

/**
 * Makes a service of an address. `secrets` are never shown, whatever it answers.
 *
 * @throws {UsageError} when the address is none, or is not HTTPS (loopback excepted).
 */
export function createSourceService(
  options: SourceServiceOptions & { readonly secrets?: readonly string[] },
): SourceService {
  const { clock, fetch = globalThis.fetch, secrets = [], signal } = options;
  const { pollIntervalMs = 5_000, patienceMs = 300_000 } = options;
  const base = parseServiceUrl(options.url);
  const name = redactUrl(options.url);
  const show = (text: unknown) => {
    const line = redactText(String(text).replace(/\s+/g, " ").trim(), secrets);
    return line.length <= LONGEST_DETAIL ? line : `${line.slice(0, LONGEST_DETAIL - 1)}…`;
  };
  return {
    name,
    show,
    async until(action, take) {
      const giveUpAtMs = clock.now() + patienceMs;
      while (true) {
        signal?.throwIfAborted();
        const step = await take();
        if ("done" in step) return step.done;
        const pauseMs = Math.min(Math.max(step.afterMs ?? 0, pollIntervalMs), patienceMs);
        if (clock.now() + pauseMs > giveUpAtMs) {
          throw new UnreachableError(`Cannot ${action} as the service gave no answer in time`, {
            facts: [`service: ${name}`, `last seen: ${show(step.again)}`],
            hint: "try again later: it goes on where it stands",
          });
        }
        await clock.sleep(pauseMs, { ...(signal && { signal }) });
      }
    },
    async ask(path, init = {}) {
      const timeout = new AbortController();
      // The machine's own timer, as a test's clock must not decide whether a real socket hangs.
      const timer = setTimeout(() => timeout.abort(), TIMEOUT_MS);
      try {
        const response = await fetch(`${base}${path}`, {
          ...init,
          // A redirect could lead to plain HTTP, and turns POST into GET.
          redirect: "manual",
          signal: signal === undefined ? timeout.signal : AbortSignal.any([signal, timeout.signal]),
        });
        const body = parseObject(await response.text());
        const seconds = Number(response.headers.get("retry-after") ?? Number.NaN);
        const { status } = response;
        if (status >= 500) return { again: `HTTP status ${status}` };
        return { status, body, ...(seconds > 0 ? { retryAfterMs: seconds * 1_000 } : {}) };
      } catch (error) {
        signal?.throwIfAborted();
        const untrusted = tlsFailure(error);
        if (untrusted !== undefined) {
          throw new TlsError("Cannot publish the source as the service could not show who it is", {
            facts: [`service: ${name}`, `reason: ${untrusted}`],
            hint: TLS_HINT,
          });
        }
        return { again: timeout.signal.aborted ? `no answer within ${TIMEOUT_MS} ms` : show(error) };
      } finally {
        clearTimeout(timer);
      }
    },
  };
}

function parseServiceUrl(text: string): string {
  if (URL.canParse(text)) {
    const { protocol, hostname } = new URL(text);
    if (protocol === "https:" || (protocol === "http:" && isLoopback(hostname))) {
      return text.replace(/\/+$/, "");
    }
  }
  throw new UsageError("Cannot use the service as its address is not an https:// URL", {
    facts: [`address: ${redactUrl(text)}`],
    hint: "plain http:// is for this machine only (localhost, 127.0.0.1, [::1])",
  });
}

function parseObject(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null
      ? value as Readonly<Record<string, unknown>>
      : undefined;
  } catch {
    return undefined;
  }
}
