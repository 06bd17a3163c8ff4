import { type ChainFailure, classifyFailure } from "./chain_error.ts";
import type {
  EndpointParts,
  JsonRpcEndpoint,
  JsonRpcEndpointOptions,
  RpcCall,
  RpcOutcome,
} from "./json_rpc_endpoint.ts";
import { asAnswer, noAnswer, parseJsonText, readRpcAnswer, type RpcAnswer } from "./rpc_answer.ts";

/** Just `globalThis.fetch`, as far as it is needed. */
export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

/** An endpoint over HTTP: one request a call, or a batch (JSON-RPC 2.0 §6). */
export function createHttpEndpoint(
  { target, name, secrets }: EndpointParts,
  { fetch, timeoutMs }: JsonRpcEndpointOptions,
): JsonRpcEndpoint {
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
    return readAnswer(answer.response, asAnswer(parseJsonText(answer.text)), { text: answer.text, secrets });
  }

  return {
    name,
    secrets,
    call,
    async callMany(calls, { signal } = {}) {
      const options = { ...(signal && { signal }) };
      const oneByOne = () => Promise.all(calls.map(({ method, params }) => call(method, params, options)));
      if (calls.length < 2 || !takesBatches) return await oneByOne();
      const requests = calls.map(toRequest);
      const answer = await post(requests, signal);
      if ("kind" in answer) return calls.map(() => ({ ok: false, failure: answer }));
      const list = parseJsonText(answer.text);
      if (!Array.isArray(list)) {
        const whole = readAnswer(answer.response, asAnswer(list), { text: answer.text, secrets });
        // A definite no to the batch as a whole is about batches, not about the calls in it.
        if (whole.ok || whole.failure.isRetryable) return calls.map(() => whole.ok ? noAnswer() : whole);
        takesBatches = false;
        return await oneByOne();
      }
      const byId = new Map(list.map((item: unknown) => [asAnswer(item)?.["id"], asAnswer(item)]));
      return requests.map(({ id }) =>
        readAnswer(answer.response, byId.get(id), { text: answer.text, secrets })
      );
    },
  };
}

function readAnswer(
  response: Response,
  answer: RpcAnswer,
  { text, secrets }: { readonly text: string; readonly secrets: readonly string[] },
): RpcOutcome {
  const { status } = response;
  // Many nodes send a JSON-RPC error with status 400 or 500, and then it is the better evidence; 429 and gateway errors
  // speak for the proxy in front of the node.
  const isGatewayAnswer = status === 401 || status === 403 || status === 408 || status === 429 ||
    (status >= 502 && status <= 504);
  if (!isGatewayAnswer && answer?.["error"] !== undefined && answer["error"] !== null) {
    return readRpcAnswer(answer, secrets);
  }
  if (!response.ok) {
    const retryAfter = response.headers.get("retry-after");
    return { ok: false, failure: classifyFailure({ from: "http", status, retryAfter }) };
  }
  if (answer === undefined || !("result" in answer)) {
    return noAnswer(response.headers.get("content-type"), text);
  }
  return readRpcAnswer(answer, secrets);
}
