import { join } from "node:path";
import { generateNoteKey, importNoteSigner, type NoteSigner } from "../core/note_key.ts";
import { UsageError } from "../core/errors.ts";
import { writeFileAtomically } from "../io/atomic_write.ts";
import { denoFiles } from "../io/deno_files.ts";

const KEY_FILE = "log.key";

/** Makes the key that signs this log's checkpoints, unless the home has one; answers with its verifier key. */
export async function createLogKey(home: string, origin: string): Promise<string> {
  const path = join(home, KEY_FILE);
  if (await denoFiles.stat(path) === undefined) {
    const { signerKey } = await generateNoteKey(origin);
    await denoFiles.makeFolder(home);
    await writeFileAtomically(denoFiles, path, new TextEncoder().encode(`${signerKey}\n`), { mode: 0o600 });
  }
  return (await openLogKey(home)).verifierKey;
}

/**
 * Reads the log key.
 *
 * @throws {UsageError} when there is none yet, or the file does not hold one. The message never shows the key.
 */
export async function openLogKey(home: string): Promise<NoteSigner> {
  const signer = await findLogKey(home);
  if (signer !== undefined) return signer;
  throw new UsageError("Cannot open the log as there is none here yet", {
    facts: [`home: ${home}`],
    hint: "make one with: pot init",
  });
}

/** The log key, or `undefined` when there is none yet; throws like {@linkcode openLogKey} for a damaged one. */
export async function findLogKey(home: string): Promise<NoteSigner | undefined> {
  const path = join(home, KEY_FILE);
  const bytes = await denoFiles.read(path);
  if (bytes === undefined) return undefined;
  try {
    return await importNoteSigner(new TextDecoder().decode(bytes).trim());
  } catch {
    // The cause could hold the key.
    throw new UsageError("Cannot open the log as its key file does not hold a key", {
      facts: [`file: ${path}`],
      hint: "restore log.key from a backup",
    });
  }
}
