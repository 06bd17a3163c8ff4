/** A PostgreSQL server that asks for the password in the clear and quotes it when it refuses (protocol 3.0, §54.7 of PostgreSQL's manual). */
export interface EchoingPostgres extends AsyncDisposable {
  /** `127.0.0.1:<port>`. */
  readonly host: string;
  /** How many passwords it was given. */
  readonly passwordCount: number;
}

export function startEchoingPostgres(): EchoingPostgres {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  let passwordCount = 0;
  const serve = async (connection: Deno.Conn) => {
    using client = connection;
    const bytes = new Uint8Array(4_096);
    if (await client.read(bytes) === null) return;
    // AuthenticationCleartextPassword.
    await client.write(Uint8Array.of(0x52, 0, 0, 0, 8, 0, 0, 0, 3));
    const length = await client.read(bytes);
    if (length === null) return;
    passwordCount++;
    const password = new TextDecoder().decode(bytes.subarray(5, length - 1));
    const text = `SFATAL\0C28P01\0Mpassword ${password} is wrong\0DDETAIL ${password}\0\0`;
    const message = new TextEncoder().encode(text);
    const head = new Uint8Array(5);
    head[0] = 0x45;
    new DataView(head.buffer).setUint32(1, message.length + 4);
    await client.write(new Uint8Array([...head, ...message]));
  };
  const served: Promise<void>[] = [];
  const accepting = (async () => {
    for await (const connection of listener) served.push(serve(connection).catch(() => {}));
  })();
  return {
    host: `127.0.0.1:${(listener.addr as Deno.NetAddr).port}`,
    get passwordCount() {
      return passwordCount;
    },
    async [Symbol.asyncDispose]() {
      listener.close();
      await accepting.catch(() => {});
      await Promise.all(served);
    },
  };
}
