import { PotError, UsageError } from "../lib/core/errors.ts";
import {
  compareManifests,
  type ManifestDifference,
  manifestDigest,
  MAX_MANIFEST_BYTES,
  parseManifest,
} from "../lib/core/manifest.ts";
import type { Artifact } from "../lib/core/record.ts";
import { denoFiles } from "../lib/io/deno_files.ts";
import { showPath } from "../lib/io/digest_error.ts";
import { openDocumentStore } from "../lib/io/document_store.ts";
import type { CliContext } from "./cli_context.ts";
import type { GlobalOptions } from "./global_options.ts";
import { loadConfig } from "./load_config.ts";
import { pathFrom } from "./path_from.ts";

/** Names shown of each sort; `--json` has all. */
const MAX_SHOWN = 20;

export interface FolderDifferenceOptions {
  /** What the record says. */
  readonly recorded: Pick<Artifact, "digest" | "kind">;
  /** The manifest of the folder at hand. */
  readonly found: Uint8Array;
  /** Where the recorded manifest is, if not beside the log. */
  readonly manifest?: string;
  readonly global: GlobalOptions;
}

/** Which files of a folder are not as they were recorded; `undefined` where no manifest of then is at hand. */
export async function folderDifference(
  context: CliContext,
  { recorded, found, manifest, global }: FolderDifferenceOptions,
): Promise<ManifestDifference | undefined> {
  if (recorded.kind !== "directory") return undefined;
  const bytes = manifest === undefined
    ? await keptManifest(recorded.digest, context, global)
    : await readManifestFile(pathFrom(context.folder, manifest), recorded.digest);
  return bytes && compareManifests(parseManifest(bytes), parseManifest(found));
}

/** The difference for people, and how to learn it where it is not known. */
export function differenceLines(difference: ManifestDifference | undefined): readonly string[] {
  if (difference === undefined) {
    return [
      "  · which files differ: give the recorded manifest with --manifest (manifests/ of the recording home)",
    ];
  }
  const { changed, missing, added } = difference;
  return Object.entries({ changed, missing, added }).flatMap(([what, paths]) => [
    ...paths.slice(0, MAX_SHOWN).map((path) => `  ${what.padEnd(8)} ${showPath(path)}`),
    ...(paths.length > MAX_SHOWN ? [`  ${what.padEnd(8)} … and ${paths.length - MAX_SHOWN} more`] : []),
  ]);
}

async function keptManifest(
  digest: string,
  context: CliContext,
  global: GlobalOptions,
): Promise<Uint8Array | undefined> {
  try {
    const { home } = await loadConfig(context, global);
    return await openDocumentStore(`${home}/manifests`, { files: denoFiles }).get(digest);
  } catch (error) {
    // The answer is known already; this would only have explained it.
    if (error instanceof PotError) return undefined;
    throw error;
  }
}

async function readManifestFile(file: string, digest: string): Promise<Uint8Array> {
  let bytes: Uint8Array;
  try {
    const { size, isFile } = await Deno.stat(file);
    if (!isFile || size > MAX_MANIFEST_BYTES) throw new Error("it is no file, or too large to be a manifest");
    bytes = await Deno.readFile(file);
  } catch (cause) {
    throw new UsageError("Cannot read the manifest", {
      facts: [`file: ${file}`, `reason: ${cause instanceof Error ? cause.message : cause}`],
      hint: "check the path and its permissions",
      cause,
    });
  }
  const found = manifestDigest(bytes);
  if (found === digest) return bytes;
  throw new UsageError("Cannot use the manifest as it is not the recorded one", {
    facts: [`file: ${file}`, `its SHA-256: ${found}`, `recorded: ${digest}`],
    hint: `get manifests/${digest}.json from where the record was made`,
  });
}
