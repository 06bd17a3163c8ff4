import { tlsFailure } from "../core/tls_failure.ts";
import { classifyFailure } from "./chain_error.ts";
import type {
  EndpointParts,
  JsonRpcEndpoint,
  JsonRpcEndpointOptions,
  RpcCall,
  RpcOutcome,
} from "./json_rpc_endpoint.ts";
import { asAnswer, parseJsonText, readRpcAnswer } from "./rpc_answer.ts";

/** So that a command ends soon after its last call, and calls in a row share a connection. */
const IDLE_MS = 500;

interface Waiting {
  readonly settle: (outcome: RpcOutcome) => void;
}

/** An endpoint over a WebSocket that is opened by the first call, shared, and closed once nobody waits for it. */
export function createWebSocketEndpoint(
  { target, name, secrets }: EndpointParts,
  { timeoutMs }: Pick<JsonRpcEndpointOptions, "timeoutMs">,
): JsonRpcEndpoint {
  const waiting = new Map<number, Waiting>();
  let connection: Promise<WebSocket> | undefined;
  let idle: ReturnType<typeof setTimeout> | undefined;
  let lastId = 0;

  function connect(): Promise<WebSocket> {
    if (connection !== undefined) return connection;
    const opened = Promise.withResolvers<WebSocket>();
    const socket = new WebSocket(target.href);
    const lose = (what: string) => {
      opened.reject(new Error(what));
      // Closed on purpose, and whoever waits now waits for the next one.
      if (connection !== opened.promise) return;
      connection = undefined;
      for (const { settle } of [...waiting.values()]) settle(unreachable(what));
    };
    socket.onopen = () => opened.resolve(socket);
    socket.onmessage = ({ data }) => receive(data);
    // Its other words name the URL; those about a certificate are classified, and not shown.
    socket.onerror = (event) =>
      lose(tlsFailure(event) === undefined ? "the WebSocket failed" : (event as ErrorEvent).message);
    socket.onclose = () => lose("the WebSocket was closed");
    connection = opened.promise;
    // Told to each caller by itself.
    connection.catch(() => {});
    return connection;
  }

  function receive(data: unknown): void {
    const parsed = typeof data === "string" ? parseJsonText(data) : undefined;
    for (const answer of Array.isArray(parsed) ? parsed.map(asAnswer) : [asAnswer(parsed)]) {
      const id = answer?.["id"];
      if (typeof id === "number") waiting.get(id)?.settle(readRpcAnswer(answer, secrets));
    }
  }

  function unreachable(what: string): RpcOutcome {
    return { ok: false, failure: classifyFailure({ from: "thrown", error: new Error(what) }, secrets) };
  }

  /** Closes the connection when nobody has waited for it for a while. */
  function rest(): void {
    clearTimeout(idle);
    if (waiting.size > 0) return;
    idle = setTimeout(() => {
      const open = connection;
      connection = undefined;
      open?.then((socket) => socket.close(), () => {});
    }, IDLE_MS);
  }

  async function send(call: RpcCall, signal: AbortSignal | undefined): Promise<RpcOutcome> {
    signal?.throwIfAborted();
    const id = ++lastId;
    const done = Promise.withResolvers<RpcOutcome>();
    waiting.set(id, { settle: done.resolve });
    clearTimeout(idle);
    const timer = setTimeout(
      () => done.resolve({ ok: false, failure: classifyFailure({ from: "timeout", timeoutMs }) }),
      timeoutMs,
    );
    const abort = () => done.reject(signal?.reason);
    signal?.addEventListener("abort", abort, { once: true });
    connect().then(
      (socket) => socket.send(JSON.stringify({ jsonrpc: "2.0", id, ...call })),
    ).catch((error) => done.resolve(unreachable(error instanceof Error ? error.message : String(error))));
    try {
      return await done.promise;
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener("abort", abort);
      waiting.delete(id);
      rest();
    }
  }

  return {
    name,
    secrets,
    call: (method, params, { signal } = {}) => send({ method, params }, signal),
    // One connection carries them all, so a batch would save nothing.
    callMany: (calls, { signal } = {}) => Promise.all(calls.map((call) => send(call, signal))),
  };
}
