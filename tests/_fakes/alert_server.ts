/** What a service does with one request instead of taking it. */
export type AlertFault =
  | {
    readonly kind: "status";
    readonly status: number;
    readonly headers?: Readonly<Record<string, string>>;
    readonly body?: string;
  }
  /** No answer until the server ends. */
  | { readonly kind: "hang" }
  /** The connection ends within the answer; with `isTaken` after the request has had its effect. */
  | { readonly kind: "cut"; readonly isTaken?: true };

/** One request, as a service sees it. */
export interface AlertRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: Headers;
  readonly body: string;
}

/** A service on loopback that alerts are sent to. */
export interface AlertServer extends AsyncDisposable {
  /** Without a slash at its end. */
  readonly url: string;
  /** Every request that arrived, in order, also those that met a fault. */
  readonly requests: readonly AlertRequest[];
  /** Asked before each request; `undefined` lets the service take it. May change at any time. */
  fault: (request: AlertRequest) => AlertFault | undefined;
}

/** What was told under one key, as far as the service took it, in order. */
export type IncidentEvent = "trigger" | "repeat" | "escalate" | "acknowledge" | "resolve" | "message";

/** What arrived for each incident's key. */
export interface IncidentRecord {
  readonly keys: readonly string[];
  /** Empty where nothing was told of it. */
  of(key: string): readonly IncidentEvent[];
  /** How often that was told under the key. */
  count(key: string, event: IncidentEvent): number;
}

/** An {@linkcode IncidentRecord} that is being written. */
export function createIncidentRecord(): IncidentRecord & { add(key: string, event: IncidentEvent): void } {
  const events = new Map<string, IncidentEvent[]>();
  const of = (key: string) => events.get(key) ?? [];
  return {
    get keys() {
      return [...events.keys()];
    },
    of,
    count: (key, event) => of(key).filter((told) => told === event).length,
    add(key, event) {
      events.set(key, [...of(key), event]);
    },
  };
}

/** Listens on a free loopback port; `take` is the service. */
export function startAlertServer(take: (request: AlertRequest) => Response | Promise<Response>): AlertServer {
  const requests: AlertRequest[] = [];
  const ended = Promise.withResolvers<void>();
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, async (request) => {
    const { method, headers } = request;
    const seen = { method, path: new URL(request.url).pathname, headers, body: await request.text() };
    requests.push(seen);
    const fault = self.fault(seen);
    switch (fault?.kind) {
      case "status":
        return new Response(fault.body ?? null, { status: fault.status, headers: { ...fault.headers } });
      case "hang":
        await ended.promise;
        return new Response("", { status: 503 });
      case "cut":
        if (fault.isTaken) await take(seen);
        // Shorter than it promises, so that the server cuts the connection.
        return new Response(new ReadableStream({ start: (stream) => stream.close() }), {
          headers: { "content-length": "1000" },
        });
      default:
        return await take(seen);
    }
  });
  const self: AlertServer = {
    url: `http://127.0.0.1:${server.addr.port}`,
    requests,
    fault: () => undefined,
    async [Symbol.asyncDispose]() {
      ended.resolve();
      await server.shutdown();
    },
  };
  return self;
}
