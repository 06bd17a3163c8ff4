import { PotError } from "../core/errors.ts";
import { findAnvil } from "./find_anvil.ts";

/** How long a new Anvil may take until it answers. A loaded machine takes seconds, a download is not counted. */
const START_TIMEOUT_MS = 30_000;

/**
 * Becomes Anvil, beside a watcher that kills it when standard input closes without a line. The kernel closes it for us
 * even when we are killed with SIGKILL.
 */
const LEASH = `exec 3<&0
{ trap '' INT HUP TERM; read -r line <&3 || kill -9 $$ 2>/dev/null; } &
exec "$@" </dev/null 3<&-`;

/** A local Ethereum node (Anvil) of our own; disposing it kills the process and waits for its end. */
export interface Devnet extends AsyncDisposable {
  /** `http://127.0.0.1:<port>`. */
  readonly rpcUrl: string;
  /** As the node answers it. */
  readonly chainId: number;
  /** Funded accounts of Anvil's public test mnemonic: worthless anywhere else. */
  readonly accounts: readonly DevnetAccount[];
  /** Calls a JSON-RPC method, `anvil_*` and `evm_*` included; throws PotError when the node answers with an error. */
  request(method: string, params?: readonly unknown[]): Promise<unknown>;
}

/** An account whose key everybody knows. */
export interface DevnetAccount {
  /** EIP-55. */
  readonly address: `0x${string}`;
  /** 32 bytes. */
  readonly privateKey: `0x${string}`;
}

/** How to start a {@linkcode Devnet}. */
export interface StartDevnetOptions {
  /** More arguments for Anvil, such as `["--block-time", "1"]`. @default [] */
  readonly args?: readonly string[];
  /** @default 31337 */
  readonly chainId?: number;
  /** Abandons the start; a running devnet is stopped by disposing it. */
  readonly signal?: AbortSignal;
  /** Where the executable is. @default what `findAnvil()` answers */
  readonly anvilPath?: string;
}

/**
 * Starts Anvil under Prague rules on a free loopback port and resolves once it answers. Nothing is written to disk.
 *
 * @throws {PotError} when no Anvil is found, or when it ends or stays silent for 30 seconds.
 */
export async function startDevnet(
  { args = [], chainId = 31337, signal, anvilPath }: StartDevnetOptions = {},
): Promise<Devnet> {
  signal?.throwIfAborted();
  const path = anvilPath ?? await findAnvil();
  signal?.throwIfAborted();
  const process = spawnOnLeash(path, [
    ...["--host", "127.0.0.1", "--port", "0", "--hardfork", "prague", "--chain-id", String(chainId)],
    ...args,
  ]);
  try {
    const banner = await process.banner(signal);
    const rpcUrl = `http://127.0.0.1:${banner.port}`;
    const request = (method: string, params: readonly unknown[] = []) => callNode(rpcUrl, method, params);
    // Without this Anvil prints a line a call; with --quiet from the start it would not print its port.
    await request("anvil_setLoggingEnabled", [false]);
    const answeredChainId = Number(await request("eth_chainId"));
    signal?.throwIfAborted();
    return {
      rpcUrl,
      chainId: answeredChainId,
      accounts: banner.accounts,
      request,
      async [Symbol.asyncDispose]() {
        await process.end();
      },
    };
  } catch (cause) {
    const output = await process.end();
    signal?.throwIfAborted();
    throw new PotError("Cannot start a local chain as Anvil did not come up", {
      facts: [`executable: ${path}`, `its last words: ${output.trim().split("\n").at(-1) || "none"}`],
      hint: "run it by hand with --port 0 to see why, or name another one in ANVIL_BIN",
      cause,
      exitCode: 2,
    });
  }
}

interface LeashedProcess {
  /** Port and accounts as Anvil prints them; rejects when it ends before it listens. */
  banner(signal: AbortSignal | undefined): Promise<{ port: string; accounts: readonly DevnetAccount[] }>;
  /** Kills the process, waits for its end and answers with what it printed while starting. Safe to call twice. */
  end(): Promise<string>;
}

function spawnOnLeash(path: string, args: readonly string[]): LeashedProcess {
  const hasShell = Deno.build.os !== "windows";
  const child = new Deno.Command(hasShell ? "/bin/sh" : path, {
    args: hasShell ? ["-c", LEASH, "sh", path, ...args] : [...args],
    env: { NO_COLOR: "1" },
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  let output = "";
  const listening = Promise.withResolvers<void>();
  listening.promise.catch(() => {});
  const collect = async (stream: ReadableStream<Uint8Array>) => {
    let isStarting = true;
    for await (const text of stream.pipeThrough(new TextDecoderStream())) {
      if (!isStarting) continue;
      output += text;
      isStarting = !/^Listening on .*\n/m.test(output);
      if (!isStarting) listening.resolve();
    }
  };
  // The watcher holds the pipes too, so their end is also its end.
  const drained = Promise.all([collect(child.stdout), collect(child.stderr)]);
  child.status.then(() => listening.reject(new Error("it ended before it was listening")));
  let ended: Promise<string> | undefined;
  const end = async () => {
    try {
      child.kill("SIGKILL");
    } catch {
      // It has ended by itself.
    }
    await child.status;
    const stdin = child.stdin.getWriter();
    try {
      // The watcher must not kill: by now the process id may be another's.
      await stdin.write(new TextEncoder().encode("ended\n"));
      await stdin.close();
    } catch {
      // No watcher: it was killed, or this is Windows.
    }
    await drained;
    return output;
  };
  return {
    async banner(signal) {
      const abandoned = Promise.withResolvers<never>();
      const onAbort = () => abandoned.reject(signal?.reason);
      signal?.addEventListener("abort", onAbort);
      const silence = new Error(`it was silent for ${START_TIMEOUT_MS} ms`);
      const timer = setTimeout(() => abandoned.reject(silence), START_TIMEOUT_MS);
      try {
        await Promise.race([listening.promise, abandoned.promise]);
      } finally {
        clearTimeout(timer);
        signal?.removeEventListener("abort", onAbort);
      }
      const port = /^Listening on \S+:(\d+)/m.exec(output)?.[1] ?? "";
      const keys = [...output.matchAll(/^\(\d+\) (0x[0-9a-f]{64})\s*$/gm)];
      const addresses = [...output.matchAll(/^\(\d+\) (0x[0-9a-fA-F]{40})\b/gm)];
      const accounts = addresses.map(([, address], i) => ({
        address: address as `0x${string}`,
        privateKey: keys[i]?.[1] as `0x${string}`,
      }));
      return { port, accounts };
    },
    end: () => ended ??= end(),
  };
}

async function callNode(rpcUrl: string, method: string, params: readonly unknown[]): Promise<unknown> {
  const response = await fetch(rpcUrl, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ jsonrpc: "2.0", id: 1, method, params }),
  });
  const answer: { result?: unknown; error?: { code: number; message: string; data?: unknown } } =
    await response
      .json();
  if (answer.error === undefined) return answer.result;
  throw new PotError(`Cannot call ${method} as the local chain answered with an error`, {
    facts: [`code: ${answer.error.code}`, `message: ${answer.error.message}`],
    cause: answer.error,
  });
}
