/** A mail server that refuses every login and quotes what it was given, as it came and decoded (RFC 5321, RFC 4954). */
export interface EchoingSmtp extends AsyncDisposable {
  /** `127.0.0.1:<port>`. */
  readonly host: string;
}

export function startEchoingSmtp(): EchoingSmtp {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const open = new Set<Deno.Conn>();
  const serve = async (client: Deno.Conn) => {
    open.add(client);
    const say = (text: string) => client.write(new TextEncoder().encode(`${text}\r\n`));
    await say("220 mail.example ESMTP");
    for await (const chunk of client.readable.pipeThrough(new TextDecoderStream())) {
      const line = chunk.trim();
      if (/^EHLO/i.test(line)) await say("250-mail.example\r\n250 AUTH PLAIN LOGIN");
      else if (/^QUIT/i.test(line)) await say("221 bye");
      else await say(`535 no: ${line} ${decoded(line)}`);
    }
  };
  const served: Promise<void>[] = [];
  const accepting = (async () => {
    for await (const client of listener) served.push(serve(client).catch(() => {}));
  })();
  return {
    host: `127.0.0.1:${(listener.addr as Deno.NetAddr).port}`,
    async [Symbol.asyncDispose]() {
      listener.close();
      await accepting.catch(() => {});
      for (const client of open) {
        try {
          client.close();
        } catch {
          // Closed with its stream.
        }
      }
      await Promise.all(served);
    },
  };
}

function decoded(line: string): string {
  try {
    return atob(line.split(" ").at(-1)!).replaceAll("\0", " ");
  } catch {
    return "";
  }
}
