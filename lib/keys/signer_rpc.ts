import { PotError, UnreachableError, UsageError } from "../core/errors.ts";
import { redactUrl } from "../core/redact.ts";
import { type HttpAnswer, type HttpFetch, httpRequest } from "../io/http_request.ts";
import { noAnswer } from "./no_answer.ts";

/** Where an external signer is. */
export interface SignerRpcOptions {
  /** Its whole URL. */
  readonly url: string;
  /** For one question, a person's time included. */
  readonly timeoutMs: number;
  /** @default globalThis.fetch */
  readonly fetch?: HttpFetch;
  /** `name: value` lines for each error. */
  readonly facts: readonly string[];
}

/** What a signer answered: JSON-RPC 2.0. */
export type SignerAnswer =
  | { readonly ok: true; readonly result: unknown }
  | { readonly ok: false; readonly code: number; readonly message: string };

/** Asks a signer one question. */
export type SignerRpc = (
  method: string,
  params: readonly unknown[],
  options?: { readonly signal?: AbortSignal },
) => Promise<SignerAnswer>;

/** Far more than the largest transaction takes, in hex and in JSON. */
const MAX_BYTES = 2 * 1024 * 1024;

/**
 * JSON-RPC 2.0 to an external signer: one exchange a question, no retry, no redirect followed, the id checked.
 *
 * The function throws an UnreachableError where nobody answers, a UsageError where what answers is no JSON-RPC server, a PotError where
 * it answers another question.
 */
export function createSignerRpc({ url, timeoutMs, fetch, facts }: SignerRpcOptions): SignerRpc {
  let lastId = 0;
  return async (method, params, { signal } = {}) => {
    const id = ++lastId;
    const answer = await httpRequest(url, {
      ...(fetch === undefined ? {} : { fetch }),
      method: "POST",
      headers: { "content-type": "application/json", "accept": "application/json" },
      body: JSON.stringify({ jsonrpc: "2.0", id, method, params }),
      timeoutMs,
      maxBytes: MAX_BYTES,
      ...(signal === undefined ? {} : { signal }),
    }).catch((error) => {
      if (!(error instanceof UnreachableError)) throw error;
      throw noAnswer(error, {
        who: "the signer",
        facts,
        hint: "check that the signer runs, and its address in POT_KEY_SOURCE",
        lateHint: "confirm in the signer or on the device sooner, or raise POT_SIGNER_TIMEOUT",
      });
    });
    return read(answer, id);
  };

  function read(answer: HttpAnswer, id: number): SignerAnswer {
    const { status, headers } = answer;
    if (status >= 300 && status < 400) {
      const to = headers.get("location");
      throw new UsageError("Cannot sign as the signer answered with a redirect, and none is followed", {
        facts: [...facts, ...(to === null ? [] : [`leads to: ${redactUrl(to)}`])],
        hint: "name the signer's own address in POT_KEY_SOURCE",
      });
    }
    const body = parseObject(answer);
    // web3signer answers some mistakes with status 400 and JSON-RPC all the same.
    if (body === undefined || !("result" in body || "error" in body)) throw noJsonRpc(status);
    // What could not be read far enough to know its id has none (JSON-RPC 2.0 §5).
    const isUnread = body["id"] === null && !("result" in body);
    if (body["jsonrpc"] !== "2.0" || (body["id"] !== id && !isUnread)) {
      throw new PotError("Cannot sign as the signer answered another question than was asked", {
        facts,
        hint: "look at what stands between this machine and the signer; nothing was sent",
      });
    }
    const { error } = body;
    if (error === undefined || error === null) return { ok: true, result: body["result"] };
    const { code, message } = error as Readonly<Record<string, unknown>>;
    return {
      ok: false,
      code: Number.isSafeInteger(code) ? code as number : 0,
      message: typeof message === "string" ? message : "",
    };
  }

  function noJsonRpc(status: number): PotError {
    const options = { facts: [...facts, `answer: ${status}`] };
    if (status === 401 || status === 403) {
      return new UsageError("Cannot sign as the signer lets nobody in from here", {
        ...options,
        hint: "check the signer's allowed hosts (clef: --http.vhosts, web3signer: --http-host-allowlist)",
      });
    }
    if (status >= 500 || status === 429) {
      return new UnreachableError("Cannot sign as the signer has trouble of its own", {
        ...options,
        hint: "look at the signer's log, then try again",
      });
    }
    return new UsageError("Cannot sign as what answers there is no signer: it speaks no JSON-RPC", {
      ...options,
      hint: "check the address in POT_KEY_SOURCE",
    });
  }
}

function parseObject({ bytes, isTooLong }: HttpAnswer): Readonly<Record<string, unknown>> | undefined {
  if (isTooLong) return undefined;
  try {
    const value: unknown = JSON.parse(new TextDecoder().decode(bytes));
    return typeof value === "object" && value !== null && !Array.isArray(value)
      ? value as Readonly<Record<string, unknown>>
      : undefined;
  } catch {
    return undefined;
  }
}
