import { UsageError } from "../core/errors.ts";
import { writeFileAtomically } from "../io/atomic_write.ts";
import { denoFiles } from "../io/deno_files.ts";

/**
 * Puts a better proof, as text, in the place of the one in a file. What the file first held is kept beside it, with `.bak` after its
 * name: written before anything is replaced, and never again.
 *
 * @throws {UsageError} when it cannot be written there.
 */
export async function replaceProofFile(file: string, text: string): Promise<void> {
  try {
    // The file itself, where the name is only a link to it.
    const path = await Deno.realPath(file);
    const { mode } = await Deno.stat(path);
    const permissions = mode === null ? {} : { mode: mode & 0o777 };
    const first = `${path}.bak`;
    // Whoever else upgrades it at the same time has read the same file, or sees this one.
    if (await denoFiles.stat(first) === undefined) {
      await writeFileAtomically(denoFiles, first, await Deno.readFile(path), permissions);
    }
    await writeFileAtomically(denoFiles, path, new TextEncoder().encode(text), permissions);
  } catch (cause) {
    if (!(cause instanceof Error)) throw cause;
    throw new UsageError("Cannot write the upgraded proof", {
      facts: [`file: ${file}`, `reason: ${cause.message}`],
      hint: "check the permissions of the file and of its folder",
      cause,
    });
  }
}
