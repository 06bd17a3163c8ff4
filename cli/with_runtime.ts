import type { ChainClient } from "../lib/chain/chain_client.ts";
import type { OpenRuntimeOptions, Runtime } from "../lib/runtime/open_runtime.ts";
import type { CliContext } from "./cli_context.ts";
import type { GlobalOptions } from "./global_options.ts";
import { loadConfig } from "./load_config.ts";

/** Opens the runtime that the configuration describes, runs `work` with it, and closes it whatever happens. */
export async function withRuntime<T>(
  context: CliContext,
  options: GlobalOptions,
  work: (runtime: Runtime) => Promise<T>,
): Promise<T> {
  const config = await loadConfig(context, options);
  const { openRuntime } = await import("../lib/runtime/open_runtime.ts");
  await using runtime = await openRuntime(config, {
    onNotice: noticesOf(context),
    ...accessOf(context),
  });
  return await work(runtime);
}

/** Whoever was allowed to run the command. */
export function accessOf({ access }: CliContext): Pick<OpenRuntimeOptions, "access"> {
  return access === undefined ? {} : { access };
}

function noticesOf({ err, redactor }: CliContext): (line: string) => void {
  return (line) => err(`${redactor(line)}\n`);
}

/** Opens only the chain client, for commands that leave the log alone; runs `work` with it, and closes it whatever happens. */
export async function withChain<T>(
  context: CliContext,
  options: GlobalOptions,
  work: (chain: ChainClient) => Promise<T>,
): Promise<T> {
  const config = await loadConfig(context, options);
  const { openChainClient } = await import("../lib/runtime/open_chain_client.ts");
  await using chain = await openChainClient(config, { onNotice: noticesOf(context) });
  return await work(chain);
}

/**
 * Makes sure that there is a log to record into, before a command spends time on its input. Writes nothing.
 *
 * @throws {UsageError} when there is none, or the configuration is wrong.
 */
export async function requireLog(context: CliContext, options: GlobalOptions): Promise<void> {
  const { home } = await loadConfig(context, options);
  await (await import("../lib/runtime/log_key.ts")).openLogKey(home);
}
