import { basename, join } from "node:path";
import type { Artifact } from "../core/record.ts";
import { describeModel, type DescribeModelOptions, type ModelDescription } from "./describe_model.ts";
import { digestError } from "./digest_error.ts";
import { lookAtFile } from "./digest_file.ts";
import { finishFolder } from "./digest_folder.ts";
import type { HashedFile } from "./hash_file.ts";
import { type DigestOptions, type FileToHash, hashFiles } from "./hash_files.ts";
import { type FoundFile, listFolder } from "./list_folder.ts";

/** What to read of artifacts beside their bytes, whom to tell and what to listen to. */
export interface ReadArtifactsOptions extends DigestOptions, DescribeModelOptions {}

/** An artifact as a record describes it, and what belongs to it but does not fit into a record. */
export interface ReadArtifact {
  /** Its size is always known. */
  readonly artifact: Artifact & { readonly sizeBytes: number };
  /** A folder's manifest, a long list of tensors: to be put into the document store before the record is made. */
  readonly documents: readonly Uint8Array[];
}

/**
 * Reads files and folders into what a record says of them, all of them in parallel. Nothing is written; where one of them is bad, none
 * comes back.
 *
 * @throws {PotError} as `digestFile`, `digestFolder` and `describeModel` do
 * @throws the signal's reason, when it aborts
 */
export async function readArtifacts(
  paths: readonly string[],
  options: ReadArtifactsOptions = {},
): Promise<readonly ReadArtifact[]> {
  const { signal, onProgress } = options;
  const sources: Source[] = [];
  for (const path of paths) {
    signal?.throwIfAborted();
    sources.push(await lookAt(path, options));
  }
  const hashed = await hashFiles(sources.flatMap(({ files }) => files), {
    ...(signal && { signal }),
    ...(onProgress && { onProgress }),
  });
  const artifacts: ReadArtifact[] = [];
  let at = 0;
  for (const source of sources) {
    artifacts.push(await finish(source, hashed.slice(at, at += source.files.length), signal));
  }
  return artifacts;
}

/** A path that was looked at and is about to be hashed. */
interface Source {
  readonly path: string;
  readonly files: readonly FileToHash[];
  /** Of a folder only. */
  readonly found?: readonly FoundFile[];
  readonly model: ModelDescription;
}

async function lookAt(path: string, options: ReadArtifactsOptions): Promise<Source> {
  const isFolder = await Deno.stat(path).then(({ isDirectory }) => isDirectory, () => false);
  if (!isFolder) {
    const file = await lookAtFile(path);
    return { path, files: [file], model: describeModel([{ path, name: basename(path) }], options) };
  }
  const found = await listFolder(path, options.signal);
  const files = found.map((file) => ({ path: join(path, file.path), sizeBytes: file.sizeBytes }));
  const named = found.map((file, i) => ({ path: files[i]!.path, name: file.path }));
  return { path, files, found, model: describeModel(named, options) };
}

async function finish(
  { path, files, found, model }: Source,
  hashed: readonly HashedFile[],
  signal: AbortSignal | undefined,
): Promise<ReadArtifact> {
  for (const [i, file] of files.entries()) {
    const seen = model.seen.get(file.path);
    if (seen !== undefined && seen !== hashed[i]!.fingerprint) {
      throw digestError(file.path, { problem: "changed" });
    }
  }
  const folder = found && await finishFolder(path, { found, hashed, ...(signal && { signal }) });
  const name = basename(path);
  const { digest, sizeBytes } = folder ?? hashed[0]!;
  return {
    artifact: {
      algorithm: "sha256",
      digest,
      sizeBytes,
      ...(name === "" ? {} : { name }),
      kind: folder === undefined ? "file" : "directory",
      computed: true,
      ...model.fields,
    },
    documents: [folder?.manifest, model.document].filter((document) => document !== undefined),
  };
}
