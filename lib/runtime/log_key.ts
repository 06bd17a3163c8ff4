import { join } from "node:path";
import { UsageError } from "../core/errors.ts";
import { generateNoteKey, importNoteSigner, type NoteSigner } from "../core/note_key.ts";
import { writeFileAtomically } from "../io/atomic_write.ts";
import { denoFiles } from "../io/deno_files.ts";
import type { FileLayer } from "../io/file_layer.ts";

/** In the home folder: the private key that signs. */
export const KEY_FILE = "log.key";

/** In the home folder while keys are rotated: the private key that is to sign next. */
export const NEXT_KEY_FILE = "log.key.next";

export interface LogKeyOptions {
  /** @default the real disk */
  readonly files?: FileLayer;
}

/** Makes the key that signs this log's checkpoints, unless the home has one; answers with its verifier key. */
export async function createLogKey(home: string, origin: string): Promise<string> {
  if (await denoFiles.stat(join(home, KEY_FILE)) === undefined) {
    const { signerKey } = await generateNoteKey(origin);
    await denoFiles.makeFolder(home);
    await writeKeyFile(join(home, KEY_FILE), signerKey, denoFiles);
  }
  return (await openLogKey(home)).verifierKey;
}

/**
 * Reads the log key.
 *
 * @throws {UsageError} when there is none yet, or the file does not hold one. The message never shows the key.
 */
export async function openLogKey(home: string, options: LogKeyOptions = {}): Promise<NoteSigner> {
  const signer = await findLogKey(home, options);
  if (signer !== undefined) return signer;
  throw new UsageError("Cannot open the log as there is none here yet", {
    facts: [`home: ${home}`],
    hint: "make one with: pot init",
  });
}

/** The log key, or `undefined` when there is none yet; throws like {@linkcode openLogKey} for a damaged one. */
export async function findLogKey(
  home: string,
  { files = denoFiles }: LogKeyOptions = {},
): Promise<NoteSigner | undefined> {
  return (await readKeyFile(join(home, KEY_FILE), files))?.signer;
}

/** A private key with its text. */
export interface KeyFile {
  /** Secret: `PRIVATE+KEY+…`, without a newline. */
  readonly signerKey: string;
  /** Signs with it. */
  readonly signer: NoteSigner;
}

/**
 * Reads a key file; `undefined` when there is none.
 *
 * @throws {UsageError} when it does not hold a key. The message never shows any of it.
 */
export async function readKeyFile(path: string, files: FileLayer): Promise<KeyFile | undefined> {
  const bytes = await files.read(path);
  if (bytes === undefined) return undefined;
  const signerKey = new TextDecoder().decode(bytes).trim();
  try {
    return { signerKey, signer: await importNoteSigner(signerKey) };
  } catch {
    // The cause could hold the key.
    throw new UsageError("Cannot open the log as its key file does not hold a key", {
      facts: [`file: ${path}`],
      hint: "restore log.key from a backup",
    });
  }
}

/** Writes a key file that only its owner may read. */
export async function writeKeyFile(path: string, signerKey: string, files: FileLayer): Promise<void> {
  await writeFileAtomically(files, path, new TextEncoder().encode(`${signerKey}\n`), { mode: 0o600 });
}
