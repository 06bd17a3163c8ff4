import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));

/** When a command is killed: at a request that it makes, before the node gets it or after it has answered. */
export interface KillPoint {
  /** Decides about each request, numbered from 1. */
  readonly at: (body: string, number: number) => boolean;
  readonly when: "before" | "after";
}

export interface KilledCommand {
  readonly folder: string;
  readonly env: Readonly<Record<string, string>>;
  readonly rpcUrl: string;
  readonly args: readonly string[];
  /** @default never */
  readonly kill?: KillPoint;
}

export interface KilledOutcome {
  readonly wasKilled: boolean;
  /** Of one that ended by itself. */
  readonly code: number;
  readonly out: string;
  readonly err: string;
  /** Requests that it made. */
  readonly requests: number;
}

/** Runs `pot …args` in a process of its own, and ends it with SIGKILL at that point. */
export async function runKilled({ folder, env, rpcUrl, args, kill }: KilledCommand): Promise<KilledOutcome> {
  let requests = 0;
  let wasKilled = false;
  const end = () => {
    wasKilled = true;
    child.kill("SIGKILL");
    return new Promise<Response>(() => {});
  };
  const closing = new AbortController();
  const listening = { hostname: "127.0.0.1", port: 0, onListen: () => {}, signal: closing.signal };
  const proxy = Deno.serve(listening, async (request) => {
    const body = await request.text();
    const isLast = !wasKilled && kill?.at(body, ++requests) === true;
    if (isLast && kill.when === "before") return await end();
    const answer = await fetch(rpcUrl, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body,
    });
    const text = await answer.text();
    if (isLast) return await end();
    return new Response(text, { headers: { "content-type": "application/json" } });
  });
  const child = new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--quiet",
      "-A",
      "--no-check",
      "--no-lock",
      "--config",
      `${ROOT}deno.json`,
      `${ROOT}cli/main.ts`,
      ...args,
    ],
    cwd: folder,
    env: { NO_COLOR: "1", ...env, RPC_URL: `http://127.0.0.1:${(proxy.addr as Deno.NetAddr).port}` },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const { code, stdout, stderr } = await child.output();
  // At once: what it was waiting for is answered by nobody.
  closing.abort();
  await proxy.finished;
  const [out, err] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes)) as [string, string];
  return { wasKilled, code, out, err, requests };
}

/** Any request that hands out a transaction. */
export const isSend = (body: string) => body.includes("eth_sendRawTransaction");
