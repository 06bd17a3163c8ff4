import { PotError, UsageError } from "../lib/core/errors.ts";
import { parseProof } from "../lib/verify/parse_proof.ts";
import { MAX_PROOF_BYTES, type Proof } from "../lib/verify/proof.ts";

/**
 * Reads the proof file at an absolute path.
 *
 * @throws {UsageError} when it cannot be read, or its format's version is not known.
 * @throws {PotError} when it is no proof (exit code 1).
 */
export async function readProofFile(file: string): Promise<Proof> {
  let text: string;
  try {
    const { size, isFile } = await Deno.stat(file);
    if (!isFile) {
      throw new UsageError("Cannot read the proof as it is not a file", {
        facts: [`file: ${file}`],
        hint: "name the *.pot-proof.json file itself",
      });
    }
    // Before it is read: a huge file must not fill the memory.
    if (size > MAX_PROOF_BYTES) {
      throw new PotError("Cannot read the proof as the file is too large to be one", {
        facts: [`file: ${file}`, `size: ${size} bytes`, `limit: ${MAX_PROOF_BYTES} bytes`],
        hint: "write the proof again with: pot prove <id>",
      });
    }
    text = await Deno.readTextFile(file);
  } catch (cause) {
    if (cause instanceof PotError || !(cause instanceof Error)) throw cause;
    if (cause instanceof Deno.errors.NotFound) {
      throw new UsageError("Cannot read the proof as there is no such file", {
        facts: [`file: ${file}`],
        hint: "write one with: pot prove <id>",
        cause,
      });
    }
    throw new UsageError("Cannot read the proof as the file is unreadable", {
      facts: [`file: ${file}`, `reason: ${cause.message}`],
      hint: "check the path and its permissions",
      cause,
    });
  }
  return parseProof(text);
}
