import { PotError, UsageError } from "../core/errors.ts";
import { BATCH_PROOF_SCHEMA, type BatchProof, MAX_BATCH_PROOF_BYTES } from "../verify/batch_proof.ts";
import { parseProof } from "../verify/parse_proof.ts";
import { MAX_PROOF_BYTES, type Proof } from "../verify/proof.ts";

/**
 * Reads the proof file at an absolute path.
 *
 * @throws {UsageError} when it cannot be read, or its format's version is not known.
 * @throws {PotError} when it is no proof (exit code 1).
 */
export async function readProofFile(file: string): Promise<Proof> {
  const proof = await readAnyProofFile(file);
  if (proof.schema !== BATCH_PROOF_SCHEMA) return proof;
  throw new UsageError("Cannot use the proof as it is a batch of many records' proofs", {
    facts: [`file: ${file}`, `records: ${proof.records.length}`],
    hint: "take one out of it with: pot prove <id> --from-batch <file>",
  });
}

/**
 * Reads a batch proof's file at an absolute path.
 *
 * @throws {UsageError} when it cannot be read, its format's version is not known, or it is the proof of one record.
 * @throws {PotError} when it is no proof (exit code 1).
 */
export async function readBatchProofFile(file: string): Promise<BatchProof> {
  const proof = await readAnyProofFile(file);
  if (proof.schema === BATCH_PROOF_SCHEMA) return proof;
  throw new UsageError("Cannot use the proof as it is no batch but that of one record", {
    facts: [`file: ${file}`],
    hint: "write a batch with: pot prove --run <id>",
  });
}

/** Reads either; throws as they do. */
export async function readAnyProofFile(file: string): Promise<Proof | BatchProof> {
  const text = await readText(file);
  // Outside of strings, where quotes are escaped, it can stand nowhere else in a file that either reader accepts.
  if (/"schema"\s*:\s*"pot-batch-proof\//.test(text)) {
    const { parseBatchProof } = await import("../verify/parse_batch_proof.ts");
    return await parseBatchProof(text);
  }
  if (text.length > MAX_PROOF_BYTES) {
    throw tooLarge(file, { sizeBytes: text.length, limitBytes: MAX_PROOF_BYTES });
  }
  return parseProof(text);
}

async function readText(file: string): Promise<string> {
  try {
    const { size, isFile } = await Deno.stat(file);
    if (!isFile) {
      throw new UsageError("Cannot read the proof as it is not a file", {
        facts: [`file: ${file}`],
        hint: "name the *.pot-proof.json file itself",
      });
    }
    // Before it is read: a huge file must not fill the memory.
    if (size > MAX_BATCH_PROOF_BYTES) {
      throw tooLarge(file, { sizeBytes: size, limitBytes: MAX_BATCH_PROOF_BYTES });
    }
    return await Deno.readTextFile(file);
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
}

function tooLarge(
  file: string,
  { sizeBytes, limitBytes }: { readonly sizeBytes: number; readonly limitBytes: number },
): PotError {
  return new PotError("Cannot read the proof as the file is too large to be one", {
    facts: [`file: ${file}`, `size: ${sizeBytes} bytes`, `limit: ${limitBytes} bytes`],
    hint: "write the proof again with: pot prove <id>",
  });
}
