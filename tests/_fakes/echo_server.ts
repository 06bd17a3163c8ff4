/** Answers every request with what it was sent, wherever a careless client would look for a message. */
export interface EchoServer extends AsyncDisposable {
  /** `127.0.0.1:<port>`. */
  readonly host: string;
  /** The path and query of each request, in order. */
  readonly asked: readonly string[];
}

export interface EchoOptions {
  /**
   * `error`: HTTP 400, and a JSON-RPC error to a JSON-RPC call · `failure`: HTTP 500 · `redirect`: HTTP 307 to an address
   * that holds it all, plain HTTP to another machine.
   */
  readonly how: "error" | "failure" | "redirect";
  /** Answered to eth_chainId, so that more is asked. */
  readonly chainId: number;
}

export function startEchoServer({ how, chainId }: EchoOptions): EchoServer {
  const asked: string[] = [];
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, async (request) => {
    const { pathname, search } = new URL(request.url);
    asked.push(pathname + search);
    const body = await request.text();
    const echo = [request.url, ...[...request.headers].map((pair) => pair.join(": ")), body].join("\n");
    if (how === "redirect") {
      const location = `http://192.0.2.1${pathname}${search}`;
      return new Response(echo, { status: 307, headers: { location, "x-echo": encodeURIComponent(echo) } });
    }
    if (how === "failure") return Response.json(fields(echo), { status: 500, statusText: "Echo" });
    const calls = parse(body);
    if (calls === undefined) return Response.json(fields(echo), { status: 400 });
    const answers = [calls].flat().map(({ id, method }) =>
      method === "eth_chainId"
        ? { jsonrpc: "2.0", id, result: `0x${chainId.toString(16)}` }
        : { jsonrpc: "2.0", id, error: { code: -32000, message: `denied: ${echo}`, data: echo } }
    );
    return Response.json(Array.isArray(calls) ? answers : answers[0]);
  });
  return {
    host: `127.0.0.1:${(server.addr as Deno.NetAddr).port}`,
    asked,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}

function parse(body: string): { id: number; method: string } | { id: number; method: string }[] | undefined {
  try {
    const value = JSON.parse(body);
    return [value].flat().every(({ jsonrpc }) => jsonrpc === "2.0") ? value : undefined;
  } catch {
    return undefined;
  }
}

function fields(echo: string): unknown {
  return {
    __type: "EchoException",
    message: echo,
    error: { code: "Echo", message: echo },
    error_description: echo,
    errors: [echo],
    result: echo,
    status: "0",
  };
}
