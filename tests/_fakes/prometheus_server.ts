import { join } from "node:path";

/** Where a program is, by PATH; `undefined` where it is not installed. */
export async function findProgram(name: string): Promise<string | undefined> {
  for (const folder of (Deno.env.get("PATH") ?? "").split(":")) {
    const path = join(folder, name);
    if (await Deno.stat(path).then(({ isFile }) => isFile, () => false)) return path;
  }
}

/** A real Prometheus on a free port of this machine. */
export interface PrometheusServer extends AsyncDisposable {
  /** Its HTTP API, as far as a test needs it: the field `data` of a good answer. */
  // deno-lint-ignore no-explicit-any -- tests pick what they expect
  api(path: string, parameters?: Readonly<Record<string, string>>): Promise<any>;
}

/** Starts Prometheus with that configuration; its data lies in `folder`. */
export async function startPrometheus(
  program: string,
  { folder, configPath }: { readonly folder: string; readonly configPath: string },
): Promise<PrometheusServer> {
  const process = new Deno.Command(program, {
    args: [
      `--config.file=${configPath}`,
      `--storage.tsdb.path=${join(folder, "data")}`,
      "--web.listen-address=127.0.0.1:0",
      "--log.level=info",
    ],
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).spawn();
  const found = Promise.withResolvers<string>();
  let log = "";
  const reading = (async () => {
    for await (const text of process.stderr.pipeThrough(new TextDecoderStream())) {
      log += text;
      const address = /Listening on" address=(127\.0\.0\.1:[1-9]\d*)/.exec(log)?.[1];
      if (address !== undefined) found.resolve(address);
    }
    found.reject(new Error(`Prometheus ended: ${log.slice(-2_000)}`));
  })();
  found.promise.catch(() => {});
  let address: string;
  try {
    address = await found.promise;
  } catch (error) {
    await Promise.all([process.status, reading]);
    throw error;
  }
  return {
    async api(path, parameters = {}) {
      const url = `http://${address}/api/v1/${path}?${new URLSearchParams(parameters)}`;
      const response = await fetch(url);
      const body = await response.text();
      if (!response.ok && response.status !== 503) {
        throw new Error(`Prometheus: ${response.status} ${body} for ${url}`);
      }
      return response.ok ? JSON.parse(body).data : undefined;
    },
    async [Symbol.asyncDispose]() {
      process.kill("SIGTERM");
      await Promise.all([process.status, reading]);
    },
  };
}
