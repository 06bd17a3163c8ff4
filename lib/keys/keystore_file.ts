import { UsageError } from "../core/errors.ts";
import { writeFileAtomically } from "../io/atomic_write.ts";
import type { FileLayer } from "../io/file_layer.ts";
import type { Keystore } from "./keystore.ts";

/** Far more than any keystore has. */
const MAX_BYTES = 64 * 1024;

/**
 * The text of a keystore file.
 *
 * @throws {UsageError} when there is none, or it is too large to be one.
 */
export async function readKeystoreText(path: string, files: FileLayer): Promise<string> {
  const stat = await files.stat(path);
  if (stat !== undefined && stat.sizeBytes <= MAX_BYTES) {
    return new TextDecoder().decode(await files.read(path));
  }
  throw new UsageError(
    `Cannot open the keystore as ${stat === undefined ? "there is no such file" : "the file is too large"}`,
    { facts: [`file: ${path}`], hint: "check the path in POT_KEYSTORE, or make one with: pot keys new" },
  );
}

/**
 * Writes a keystore whole, readable by its owner only, and never in the place of another file. Its folder must exist.
 *
 * @throws {UsageError} when the name is taken.
 */
export async function writeKeystore(path: string, keystore: Keystore, files: FileLayer): Promise<void> {
  // Takes the name first: two that write at once must not both believe that it was free.
  const reserved = await files.open(path, { createNew: true, mode: 0o600 }).catch((error) => {
    if (!(error instanceof Deno.errors.AlreadyExists)) throw error;
    throw keystoreExists(path);
  });
  reserved.close();
  try {
    const bytes = new TextEncoder().encode(`${JSON.stringify(keystore, null, 2)}\n`);
    await writeFileAtomically(files, path, bytes, { mode: 0o600 });
  } catch (error) {
    await files.remove(path).catch(() => {});
    throw error;
  }
}

/** The error for a name that is taken. */
export function keystoreExists(path: string): UsageError {
  return new UsageError("Cannot write the keystore as the file is there already", {
    facts: [`file: ${path}`],
    hint: "choose another name with --output: a key is never overwritten",
  });
}
