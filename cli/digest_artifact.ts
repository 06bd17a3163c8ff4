import { basename } from "node:path";
import { showPath } from "../lib/io/digest_error.ts";
import type { DescribeModelOptions } from "../lib/io/describe_model.ts";
import type { ReadArtifact } from "../lib/io/read_artifacts.ts";
import type { CliContext } from "./cli_context.ts";
import { startProgress } from "./progress.ts";

/** Reads files and folders into what a record says of them, with a progress bar; an error names what cannot be read. */
export async function digestArtifacts(
  paths: readonly string[],
  context: Pick<CliContext, "err" | "isTerminal" | "signal">,
  options: DescribeModelOptions = {},
): Promise<readonly ReadArtifact[]> {
  const note = paths.length === 1 ? showPath(basename(paths[0]!)) : `${paths.length} artifacts`;
  const { readArtifacts } = await import("../lib/io/read_artifacts.ts");
  using progress = startProgress(context, { label: "hashing", unit: "bytes" });
  return await readArtifacts(paths, {
    ...options,
    signal: context.signal,
    onProgress: ({ doneBytes, totalBytes }) => progress.update(doneBytes, totalBytes, note),
  });
}
