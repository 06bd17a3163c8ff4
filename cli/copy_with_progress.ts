import { toHex } from "../lib/core/hex.ts";
import type { LogCopy } from "../lib/log/copy_log.ts";
import type { Log } from "../lib/log/log.ts";
import type { CliContext } from "./cli_context.ts";
import { startProgress } from "./progress.ts";

/** What was copied, and how `--json` shows it. */
export interface ShownCopy extends LogCopy {
  readonly json: { readonly size: bigint; readonly root: string; readonly copiedCount: bigint };
}

/** Copies one log into another; shows how far it is on a terminal. */
export async function copyWithProgress(context: CliContext, from: Log, to: Log): Promise<ShownCopy> {
  const [{ copyLog }, { identifyRecord }] = await Promise.all([
    import("../lib/log/copy_log.ts"),
    import("../lib/runtime/open_log.ts"),
  ]);
  using progress = startProgress(context, { label: "copying" });
  const copy = await copyLog(from, to, {
    eventKeyOf: identifyRecord,
    signal: context.signal,
    onProgress: (done, total) => progress.update(Number(done), Number(total), "records"),
  });
  const { size, root, copiedCount } = copy;
  return { ...copy, json: { size, root: toHex(root), copiedCount } };
}

/** A copy as a person reads it. */
export function copyLines({ size, copiedCount, json }: ShownCopy, where: string): readonly string[] {
  return [
    `copied ${copiedCount} ${copiedCount === 1n ? "record" : "records"} ${where}`,
    `  size      ${size}`,
    `  root      ${json.root} (the same on both sides)`,
  ];
}
