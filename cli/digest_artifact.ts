import { basename } from "node:path";
import type { Artifact } from "../lib/core/record.ts";
import type { DigestProgress } from "../lib/io/hash_files.ts";
import type { CliContext } from "./cli_context.ts";
import { startProgress } from "./progress.ts";

/** The SHA-256 of a file, or of a folder's manifest, with a progress bar; an error names what cannot be read. */
export async function digestArtifact(
  path: string,
  context: Pick<CliContext, "err" | "isTerminal" | "signal">,
): Promise<Artifact & { readonly sizeBytes: number }> {
  const name = basename(path);
  using progress = startProgress(context, { label: "hashing" });
  const options = {
    signal: context.signal,
    onProgress: ({ doneBytes, totalBytes }: DigestProgress) => progress.update(doneBytes, totalBytes, name),
  };
  const isFolder = await Deno.stat(path).then(({ isDirectory }) => isDirectory, () => false);
  const { digest, sizeBytes } = isFolder
    ? await (await import("../lib/io/digest_folder.ts")).digestFolder(path, options)
    : await (await import("../lib/io/digest_file.ts")).digestFile(path, options);
  return {
    algorithm: "sha256",
    digest,
    sizeBytes,
    name,
    kind: isFolder ? "directory" : "file",
    computed: true,
  };
}
