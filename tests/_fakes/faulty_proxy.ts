/** Stands between a client and a server, and lets a test decide what becomes of the connections. */
export interface FaultyProxy {
  /** `host:port` to connect to. */
  readonly address: string;
  /** `silent` takes what the client sends and passes nothing on; `reset` ends connections, new ones too. */
  mode: "pass" | "silent" | "reset";
  close(): Promise<void>;
}

/** Listens on a free loopback port for a server at `target` (`host:port`). */
export function startFaultyProxy(target: string): FaultyProxy {
  const [hostname = "", port = ""] = target.split(":");
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const open = new Set<Deno.Conn>();
  const pumps = new Set<Promise<void>>();
  let mode: FaultyProxy["mode"] = "pass";

  function end(connection: Deno.Conn): void {
    if (!open.delete(connection)) return;
    connection.close();
  }

  async function pump(from: Deno.Conn, to: Deno.Conn): Promise<void> {
    const buffer = new Uint8Array(64 * 1024);
    try {
      for (let read = await from.read(buffer); read !== null; read = await from.read(buffer)) {
        if (mode === "reset") break;
        for (let at = 0; mode === "pass" && at < read;) at += await to.write(buffer.subarray(at, read));
      }
    } catch {
      // One side went away; so does the other.
    } finally {
      end(from);
      end(to);
    }
  }

  async function serve(client: Deno.Conn): Promise<void> {
    open.add(client);
    if (mode === "reset") return end(client);
    const server = await Deno.connect({ hostname, port: Number(port) });
    open.add(server);
    await Promise.all([pump(client, server), pump(server, client)]);
  }

  const accepting = (async () => {
    for await (const client of listener) {
      const serving = serve(client);
      pumps.add(serving);
      void serving.finally(() => pumps.delete(serving));
    }
  })();

  return {
    address: `127.0.0.1:${(listener.addr as Deno.NetAddr).port}`,
    get mode() {
      return mode;
    },
    set mode(next) {
      mode = next;
      if (next === "reset") { for (const connection of [...open]) end(connection); }
    },
    async close() {
      listener.close();
      for (const connection of [...open]) end(connection);
      await accepting;
      await Promise.all(pumps);
    },
  };
}
