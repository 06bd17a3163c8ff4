import { UsageError } from "../core/errors.ts";
import { isLoopback } from "../core/is_loopback.ts";
import { redactUrl } from "../core/redact.ts";
import { type ChainFailure, classifyFailure } from "./chain_error.ts";

/** One JSON-RPC endpoint over HTTP: one request, one answer, no retries (the pool owns those). */
export interface HttpEndpoint {
  /** The redacted URL: safe in messages. */
  readonly name: string;
  /** What must never be shown of this endpoint's URL. */
  readonly secrets: readonly string[];
  /** Rejects only with the caller's abort reason; every other outcome is a value. */
  call(
    method: string,
    params: readonly unknown[],
    options?: { readonly signal?: AbortSignal },
  ): Promise<RpcOutcome>;
  /**
   * Makes several calls in one request (JSON-RPC 2.0 §6), or one by one where the endpoint takes no batches. An outcome a
   * call, in order; rejects as `call` does.
   */
  callMany(
    calls: readonly RpcCall[],
    options?: { readonly signal?: AbortSignal },
  ): Promise<readonly RpcOutcome[]>;
}

/** One method with its parameters, in order. */
export interface RpcCall {
  readonly method: string;
  readonly params: readonly unknown[];
}

/** The `result` member of an answer, or why there is none. */
export type RpcOutcome =
  | { readonly ok: true; readonly result: unknown }
  | { readonly ok: false; readonly failure: ChainFailure };

/** Just `globalThis.fetch`, as far as it is needed. */
export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

export interface HttpEndpointOptions {
  readonly fetch: Fetch;
  /** For one request, answer body included. */
  readonly timeoutMs: number;
}

/**
 * Makes an endpoint of a URL.
 *
 * @throws UsageError when the URL is none, or is not HTTPS (loopback excepted).
 */
export function createHttpEndpoint(url: string, { fetch, timeoutMs }: HttpEndpointOptions): HttpEndpoint {
  const target = parseEndpointUrl(url);
  const secrets = urlSecrets(target);
  const headers = new Headers({ "content-type": "application/json", accept: "application/json" });
  if (target.username !== "" || target.password !== "") {
    // fetch refuses URLs with credentials, so they travel as the header they stand for (RFC 7617).
    const pair = `${decodeURIComponent(target.username)}:${decodeURIComponent(target.password)}`;
    headers.set("authorization", `Basic ${new TextEncoder().encode(pair).toBase64()}`);
    target.username = target.password = "";
  }
  let lastId = 0;
  let takesBatches = true;

  /** The body's text, or why there is none. */
  async function post(
    body: unknown,
    signal: AbortSignal | undefined,
  ): Promise<{ readonly response: Response; readonly text: string } | ChainFailure> {
    signal?.throwIfAborted();
    const timeout = new AbortController();
    // The machine's own timer, not the injected clock: a stopped or racing test clock must not decide whether a real socket hangs.
    const timer = setTimeout(() => timeout.abort(), timeoutMs);
    try {
      const response = await fetch(target.href, {
        method: "POST",
        headers,
        body: JSON.stringify(body),
        // A redirect could lead to plain HTTP, and turns POST into GET.
        redirect: "manual",
        signal: signal === undefined ? timeout.signal : AbortSignal.any([signal, timeout.signal]),
      });
      return { response, text: await response.text() };
    } catch (error) {
      signal?.throwIfAborted();
      const evidence = timeout.signal.aborted
        ? { from: "timeout", timeoutMs } as const
        : { from: "thrown", error } as const;
      return classifyFailure(evidence, secrets);
    } finally {
      clearTimeout(timer);
    }
  }

  const toRequest = ({ method, params }: RpcCall) => ({ jsonrpc: "2.0", id: ++lastId, method, params });

  async function call(
    method: string,
    params: readonly unknown[],
    { signal }: { readonly signal?: AbortSignal } = {},
  ): Promise<RpcOutcome> {
    const answer = await post(toRequest({ method, params }), signal);
    if ("kind" in answer) return { ok: false, failure: answer };
    return readAnswer(answer.response, parseObject(answer.text), { text: answer.text, secrets });
  }

  return {
    name: redactUrl(url),
    secrets,
    call,
    async callMany(calls, { signal } = {}) {
      const options = { ...(signal && { signal }) };
      const oneByOne = () => Promise.all(calls.map(({ method, params }) => call(method, params, options)));
      if (calls.length < 2 || !takesBatches) return await oneByOne();
      const requests = calls.map(toRequest);
      const answer = await post(requests, signal);
      if ("kind" in answer) return calls.map(() => ({ ok: false, failure: answer }));
      const list = parseJson(answer.text);
      if (!Array.isArray(list)) {
        const whole = readAnswer(answer.response, asObject(list), { text: answer.text, secrets });
        // A definite no to the batch as a whole is about batches, not about the calls in it.
        if (whole.ok || whole.failure.isRetryable) return calls.map(() => asFailure(whole));
        takesBatches = false;
        return await oneByOne();
      }
      const byId = new Map(list.map((item: unknown) => [asObject(item)?.["id"], asObject(item)]));
      return requests.map(({ id }) =>
        readAnswer(answer.response, byId.get(id), { text: answer.text, secrets })
      );
    },
  };
}

/** An answer that is not the list that was asked for. */
function asFailure(outcome: RpcOutcome): RpcOutcome {
  if (!outcome.ok) return outcome;
  return { ok: false, failure: classifyFailure({ from: "body", contentType: null, text: "" }) };
}

function readAnswer(
  response: Response,
  answer: Record<string, unknown> | undefined,
  { text, secrets }: { readonly text: string; readonly secrets: readonly string[] },
): RpcOutcome {
  const { status } = response;
  // Many nodes send a JSON-RPC error with status 400 or 500, and then it is the better evidence; 429 and gateway errors
  // speak for the proxy in front of the node.
  const isGatewayAnswer = status === 401 || status === 403 || status === 408 || status === 429 ||
    (status >= 502 && status <= 504);
  if (!isGatewayAnswer && answer?.["error"] !== undefined && answer["error"] !== null) {
    return { ok: false, failure: classifyFailure({ from: "rpc", error: answer["error"] }, secrets) };
  }
  if (!response.ok) {
    const retryAfter = response.headers.get("retry-after");
    return { ok: false, failure: classifyFailure({ from: "http", status, retryAfter }) };
  }
  if (answer === undefined || !("result" in answer)) {
    const contentType = response.headers.get("content-type");
    return { ok: false, failure: classifyFailure({ from: "body", contentType, text }) };
  }
  return { ok: true, result: answer["result"] };
}

function parseObject(text: string): Record<string, unknown> | undefined {
  return asObject(parseJson(text));
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function asObject(value: unknown): Record<string, unknown> | undefined {
  return typeof value === "object" && value !== null ? value as Record<string, unknown> : undefined;
}

function parseEndpointUrl(url: string): URL {
  if (!URL.canParse(url)) {
    throw new UsageError("Cannot use the RPC endpoint as its URL is malformed", {
      hint: "RPC_URL and POT_RPC_URLS take URLs such as https://rpc.example.org/key",
    });
  }
  const parsed = new URL(url);
  if (parsed.protocol === "https:" || (parsed.protocol === "http:" && isLoopback(parsed.hostname))) {
    return parsed;
  }
  throw new UsageError("Cannot use the RPC endpoint as it is not HTTPS", {
    facts: [`endpoint: ${redactUrl(url)}`],
    hint: "use an https:// URL; plain http:// is for this machine only (localhost, 127.0.0.1, [::1])",
  });
}

/** Providers put keys in user info, path segments and query values. Short ones such as `v2` or `rpc` are words, not keys. */
function urlSecrets({ username, password, pathname, searchParams, hash }: URL): string[] {
  const candidates = [username, password, ...pathname.split("/"), ...searchParams.values(), hash.slice(1)];
  return candidates.filter((part) => part.length >= 8);
}
