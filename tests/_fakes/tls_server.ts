import type { IssuedCertificate } from "./throwaway_ca.ts";

/** A server over TLS that speaks JSON-RPC over HTTP and WebSocket, and counts who knocks. */
export interface TlsServer extends AsyncDisposable {
  /** `localhost:<port>`. */
  readonly host: string;
  /** Connections that were begun, refused ones included. */
  readonly connectionCount: number;
  /** Requests that came through. */
  readonly requestCount: number;
}

/** Every JSON-RPC call is answered with `0x1`. */
export function serveTls({ cert, key }: IssuedCertificate): TlsServer {
  let requestCount = 0;
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, cert, key, onListen() {} }, async (request) => {
    requestCount++;
    if (request.headers.get("upgrade") === "websocket") {
      const { socket, response } = Deno.upgradeWebSocket(request);
      socket.onmessage = ({ data }) => socket.send(answerTo(String(data)));
      return response;
    }
    return new Response(answerTo(await request.text()), { headers: { "content-type": "application/json" } });
  });
  // A refused handshake reaches no handler, so connections are counted in front of it.
  const front = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = server.addr as Deno.NetAddr;
  const open = new Set<Deno.Conn>();
  let connectionCount = 0;
  const relay = async (client: Deno.Conn) => {
    const target = await Deno.connect({ hostname: "127.0.0.1", port });
    open.add(client).add(target);
    const quietly = (work: Promise<void>) => work.catch(() => {});
    await Promise.all([
      quietly(client.readable.pipeTo(target.writable)),
      quietly(target.readable.pipeTo(client.writable)),
    ]);
    for (const end of [client, target]) {
      open.delete(end);
      try {
        end.close();
      } catch {
        // Closed with its streams.
      }
    }
  };
  const relays: Promise<void>[] = [];
  const accepting = (async () => {
    for await (const client of front) {
      connectionCount++;
      relays.push(relay(client).catch(() => {}));
    }
  })();
  return {
    host: `localhost:${(front.addr as Deno.NetAddr).port}`,
    get connectionCount() {
      return connectionCount;
    },
    get requestCount() {
      return requestCount;
    },
    async [Symbol.asyncDispose]() {
      front.close();
      await accepting.catch(() => {});
      for (const end of open) {
        try {
          end.close();
        } catch {
          // Closed by the other side.
        }
      }
      await Promise.all(relays);
      await server.shutdown();
    },
  };
}

function answerTo(body: string): string {
  const parsed = body === "" ? {} : JSON.parse(body);
  const answer = ({ id }: { readonly id?: number }) => ({ jsonrpc: "2.0", id: id ?? null, result: "0x1" });
  return JSON.stringify(Array.isArray(parsed) ? parsed.map(answer) : answer(parsed));
}
