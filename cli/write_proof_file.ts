import { UsageError } from "../lib/core/errors.ts";

/**
 * Writes a proof, whole or not at all.
 *
 * @throws {UsageError} when it cannot be written there.
 */
export async function writeProofFile(file: string, text: string): Promise<void> {
  const [{ writeFileAtomically }, { denoFiles }] = await Promise.all([
    import("../lib/io/atomic_write.ts"),
    import("../lib/io/deno_files.ts"),
  ]);
  try {
    await writeFileAtomically(denoFiles, file, new TextEncoder().encode(text));
  } catch (cause) {
    throw new UsageError("Cannot write the proof there", {
      facts: [`file: ${file}`, `reason: ${cause instanceof Error ? cause.message : cause}`],
      hint: "give --output a file in a folder that exists and may be written to",
      cause,
    });
  }
}
