/** What the proxy does with one JSON-RPC call instead of passing it on. */
export type Fault =
  | {
    readonly kind: "status";
    readonly status: number;
    readonly headers?: Record<string, string>;
    readonly body?: string;
  }
  | { readonly kind: "html"; readonly status: number }
  | {
    readonly kind: "rpc-error";
    readonly error: { readonly code: number; readonly message: string; readonly data?: unknown };
  }
  | { readonly kind: "result"; readonly result: unknown }
  /** The connection ends in the middle of the answer; the node never hears of the call. */
  | { readonly kind: "kill" }
  /** No answer until the proxy is disposed. */
  | { readonly kind: "hang" }
  /** The node gets the call, the caller gets that status. */
  | { readonly kind: "forward-then-status"; readonly status: number };

export interface RpcCall {
  readonly method: string;
  readonly params: readonly unknown[];
}

/** A small HTTP proxy in front of a node, for what Anvil cannot do by itself. */
export interface FaultProxy extends AsyncDisposable {
  /** With a path, where providers put their keys. */
  readonly url: string;
  /** Every call that arrived, in order. */
  readonly calls: readonly RpcCall[];
  /** How many calls of a method arrived. */
  count(method: string): number;
  /** Asked before each call; `undefined` passes it on. */
  fault: (call: RpcCall) => Fault | undefined;
}

export interface FaultProxyOptions {
  /** @default "/" */
  readonly path?: string;
  readonly fault?: FaultProxy["fault"];
}

export function startFaultProxy(
  targetUrl: string,
  { path = "/", fault = () => undefined }: FaultProxyOptions = {},
): FaultProxy {
  const calls: RpcCall[] = [];
  const forward = async (call: object) => {
    const answer = await fetch(targetUrl, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ jsonrpc: "2.0", ...call }),
    });
    return await answer.json();
  };
  const ended = Promise.withResolvers<void>();
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, async (request) => {
    const body: unknown = await request.json();
    // A batch is a list (JSON-RPC 2.0 §6); each of its calls meets its own fault.
    const requests = (Array.isArray(body) ? body : [body]) as (RpcCall & { readonly id: number })[];
    const answers: unknown[] = [];
    for (const { id, method, params } of requests) {
      const call = { method, params };
      calls.push(call);
      const found = proxy.fault(call);
      switch (found?.kind) {
        case undefined:
          answers.push(await forward({ id, method, params }));
          break;
        case "rpc-error":
          answers.push({ jsonrpc: "2.0", id, error: found.error });
          break;
        case "result":
          answers.push({ jsonrpc: "2.0", id, result: found.result });
          break;
        case "status":
          return new Response(found.body ?? "", { status: found.status, headers: found.headers ?? {} });
        case "html":
          return new Response("<!DOCTYPE html><html><body>Bad gateway</body></html>", {
            status: found.status,
            headers: { "content-type": "text/html" },
          });
        case "kill":
          // Shorter than it promises, so that the server cuts the connection.
          return new Response(new ReadableStream({ start: (stream) => stream.close() }), {
            headers: { "content-length": "1000" },
          });
        case "hang":
          await ended.promise;
          return new Response("", { status: 503 });
        case "forward-then-status":
          await forward({ id, method, params });
          return new Response("", { status: found.status });
      }
    }
    return Response.json(Array.isArray(body) ? answers : answers[0]);
  });
  const proxy: FaultProxy = {
    url: `http://127.0.0.1:${(server.addr as Deno.NetAddr).port}${path}`,
    calls,
    count: (method) => calls.filter((call) => call.method === method).length,
    fault,
    async [Symbol.asyncDispose]() {
      ended.resolve();
      await server.shutdown();
    },
  };
  return proxy;
}
