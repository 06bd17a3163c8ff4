import { type PotError, UnreachableError, UsageError } from "../core/errors.ts";
import { redactUrl } from "../core/redact.ts";
import { type HttpAnswer, type HttpFetch, httpRequest } from "../io/http_request.ts";
import { noAnswer } from "./no_answer.ts";

/** Where HashiCorp Vault is, and how its errors call what is asked for. */
export interface VaultClientOptions {
  /** Scheme, host and port. */
  readonly url: string;
  /** Of Vault Enterprise and HCP. @default the root namespace */
  readonly namespace?: string;
  /** For one exchange. */
  readonly timeoutMs: number;
  /** @default globalThis.fetch */
  readonly fetch?: HttpFetch;
  /** `name: value` lines for each error. */
  readonly facts: readonly string[];
}

/** What to ask: a path below `/v1/`, each segment of it encoded. */
export interface VaultRequest {
  readonly path: string;
  readonly method?: "GET" | "POST";
  readonly token?: string;
  readonly body?: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
}

/** What Vault answered with a status from 200 to 299, or one of those that the caller wants to tell of itself. */
export interface VaultAnswer {
  readonly status: number;
  /** The body, an object or nothing. */
  readonly body: Readonly<Record<string, unknown>>;
}

/** Asks one Vault server, by HTTP as its API is. */
export interface VaultClient {
  /**
   * One exchange: nothing is tried again and no redirect followed.
   *
   * @throws {UnreachableError} where nobody answers, or who answers is sealed, overloaded or broken
   * @throws {UsageError} where the server leads elsewhere
   */
  ask(request: VaultRequest): Promise<VaultAnswer>;
}

/** Far more than a secret takes: Vault's own limit for one is 1 MiB. */
const MAX_BYTES = 2 * 1024 * 1024;

/** A client for {@linkcode VaultClientOptions}. */
export function createVaultClient(
  { url, namespace, timeoutMs, fetch, facts }: VaultClientOptions,
): VaultClient {
  const unreachable = (reason: string, hint: string, more: readonly string[] = []) =>
    new UnreachableError(`Cannot sign as ${reason}`, { facts: [...facts, ...more], hint });

  async function exchange({ path, method = "GET", token, body, signal }: VaultRequest): Promise<HttpAnswer> {
    try {
      return await httpRequest(`${url}/v1/${path}`, {
        ...(fetch === undefined ? {} : { fetch }),
        method,
        headers: {
          // An agent can be told to refuse requests without it, as no browser can be tricked into sending it.
          "x-vault-request": "true",
          ...(namespace === undefined ? {} : { "x-vault-namespace": namespace }),
          ...(token === undefined ? {} : { "x-vault-token": token }),
          ...(body === undefined ? {} : { "content-type": "application/json" }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        timeoutMs,
        maxBytes: MAX_BYTES,
        signal,
      });
    } catch (error) {
      if (!(error instanceof UnreachableError)) throw error;
      throw noAnswer(error, {
        who: "the Vault server",
        facts,
        hint: "check the address in POT_KEY_SOURCE and the network, then try again",
      });
    }
  }

  /** Sealed and not yet initialised look alike but for the one endpoint that anyone may ask. */
  async function whyUnavailable(signal: AbortSignal): Promise<UnreachableError> {
    const { initialized, sealed } = await exchange({ path: "sys/seal-status", signal }).then(bodyOf, () => {
      signal.throwIfAborted();
      return asObject(undefined);
    });
    if (initialized === false) {
      return unreachable("the Vault server is not initialised", "initialise it: vault operator init");
    }
    if (sealed === true) {
      return unreachable("the Vault server is sealed", "unseal it: vault operator unseal");
    }
    return unreachable("the Vault server is not available", "look at its health: vault status");
  }

  return {
    async ask(request) {
      const answer = await exchange(request);
      const { status, headers } = answer;
      if (status === 503) throw await whyUnavailable(request.signal);
      if (status >= 300 && status < 400) {
        const to = headers.get("location");
        throw new UsageError("Cannot sign as the Vault server is a standby that leads elsewhere", {
          facts: [...facts, ...(to === null ? [] : [`leads to: ${redactUrl(to)}`])],
          hint: "name the active server, or a load balancer, in POT_KEY_SOURCE: no redirect is followed",
        });
      }
      if (status === 429 || status === 412 || status >= 472) {
        const after = headers.get("retry-after");
        throw unreachable(
          status === 429 ? "the Vault server has too many requests" : "the Vault server cannot answer now",
          "wait, then try again; look at its health with: vault status",
          [`answer: ${status}`, ...(after === null ? [] : [`retry after: ${after}`])],
        );
      }
      return { status, body: bodyOf(answer) };
    },
  };
}

/** The error for an answer that Vault does not give. */
export function unknownVaultAnswer(status: number, facts: readonly string[]): PotError {
  return new UsageError("Cannot sign as what answers there is no Vault server, or speaks another version", {
    facts: [...facts, `answer: ${status}`],
    hint: "check the address, the mount and the path in POT_KEY_SOURCE",
  });
}

function bodyOf({ bytes, isTooLong }: HttpAnswer): Readonly<Record<string, unknown>> {
  if (isTooLong) return {};
  try {
    return asObject(JSON.parse(new TextDecoder().decode(bytes)));
  } catch {
    return {};
  }
}

/** An object as it is, anything else as an empty one. */
export function asObject(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? value as Readonly<Record<string, unknown>>
    : {};
}
