const MAIN = new URL("../../cli/main.ts", import.meta.url).pathname;
const CONFIGURATION = new URL("../../deno.json", import.meta.url).pathname;

/** A real `pot up` in a process of its own. */
export interface DaemonProcess extends AsyncDisposable {
  /** Of its status server. */
  readonly url: string;
  /** Tells it to end, and answers with its exit code and log. */
  stop(): Promise<{ readonly code: number; readonly log: string }>;
}

/** Starts the daemon in that working folder, and waits until it listens. */
export async function startDaemon(
  folder: string,
  env: Readonly<Record<string, string>> = {},
): Promise<DaemonProcess> {
  const process = new Deno.Command(Deno.execPath(), {
    args: [
      ...["run", "-A", "--no-lock", "--no-check", "--config", CONFIGURATION, MAIN],
      ...["up", "--port", "0", "--json"],
    ],
    cwd: folder,
    env,
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  let log = "";
  const logging = (async () => {
    for await (const text of process.stderr.pipeThrough(new TextDecoderStream())) log += text;
  })();
  const found = Promise.withResolvers<string>();
  found.promise.catch(() => {});
  const reading = (async () => {
    let out = "";
    for await (const text of process.stdout.pipeThrough(new TextDecoderStream())) {
      out += text;
      if (out.endsWith("}\n")) found.resolve(JSON.parse(out).statusUrl);
    }
    found.reject(new Error(`the daemon ended: ${log.slice(-2_000)}`));
  })();
  let ended: Promise<{ readonly code: number; readonly log: string }> | undefined;
  const end = async () => {
    const [{ code }] = await Promise.all([process.status, reading, logging]);
    return { code, log };
  };
  const stop = () =>
    ended ??= (() => {
      try {
        process.kill("SIGTERM");
      } catch {
        // It has ended by itself.
      }
      return end();
    })();
  try {
    return { url: await found.promise, stop, [Symbol.asyncDispose]: async () => void await stop() };
  } catch (error) {
    await end();
    throw error;
  }
}
