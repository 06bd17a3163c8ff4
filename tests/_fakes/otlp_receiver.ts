/** What an exporter sent. */
export interface OtlpRequest {
  /** `/v1/traces`, `/v1/metrics` or `/v1/logs`. */
  readonly path: string;
  // deno-lint-ignore no-explicit-any -- tests pick what they expect
  readonly body: any;
  readonly text: string;
}

/** A receiver of OTLP over HTTP with JSON on loopback, which refuses what is not that. */
export interface OtlpReceiver extends AsyncDisposable {
  readonly url: string;
  readonly requests: readonly OtlpRequest[];
  readonly refused: readonly string[];
}

const ROOTS: Readonly<Record<string, string>> = {
  "/v1/traces": "resourceSpans",
  "/v1/metrics": "resourceMetrics",
  "/v1/logs": "resourceLogs",
};

export function startOtlpReceiver(): OtlpReceiver {
  const requests: OtlpRequest[] = [];
  const refused: string[] = [];
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, async (request) => {
    const { pathname: path } = new URL(request.url);
    const type = request.headers.get("content-type");
    const text = await request.text();
    const root = ROOTS[path];
    if (request.method !== "POST" || root === undefined || type !== "application/json") {
      refused.push(`${request.method} ${path} ${type}`);
      return new Response("no", { status: 415 });
    }
    const body = JSON.parse(text);
    if (!Array.isArray(body[root])) refused.push(`${path} without ${root}`);
    requests.push({ path, body, text });
    return Response.json({});
  });
  return {
    url: `http://127.0.0.1:${server.addr.port}`,
    requests,
    refused,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}
