import type { CliContext } from "./cli_context.ts";

/** Says on standard error which of these files others on this machine can read; a file that is not there is nobody's business here. */
export async function tellIfReadable(
  { err = () => {} }: Partial<Pick<CliContext, "err">>,
  paths: readonly string[],
): Promise<void> {
  const { findReadable } = await import("../lib/runtime/find_readable.ts");
  for (const { path, mode } of await findReadable(paths)) {
    err(`others can read ${path} (mode ${mode.toString(8).padStart(4, "0")}): chmod 600 it\n`);
  }
}
