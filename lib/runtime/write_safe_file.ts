import type { EndpointPool } from "../chain/endpoint_pool.ts";
import { getCodeHash } from "../chain/run_deployment.ts";
import { type SafeCall, safeFile, type SafeFileOptions } from "../chain/safe_file.ts";
import { UsageError } from "../core/errors.ts";
import { writeFileAtomically } from "../io/atomic_write.ts";
import { denoFiles } from "../io/deno_files.ts";
import { systemClock } from "./system_clock.ts";

/** Where a file for a Safe goes, and what it says. */
export interface WriteSafeFileOptions extends Omit<SafeFileOptions, "createdAtMs"> {
  /** Absolute; must not exist. */
  readonly file: string;
  readonly endpoints: Pick<EndpointPool, "read">;
  readonly signal?: AbortSignal;
}

/** A file that was written. */
export interface WrittenSafeFile {
  readonly file: string;
  /** The Safe whose owners have to sign, EIP-55. */
  readonly safe: `0x${string}`;
  /** That address has code, as a Safe has; without any it is a plain account, which no Safe file is for. */
  readonly isContract: boolean;
}

/**
 * Writes calls into a file that the Safe wallet's Transaction Builder takes.
 *
 * @throws {UsageError} when the file is there already.
 */
export async function writeSafeFile(
  calls: readonly SafeCall[],
  { file, endpoints, signal, ...options }: WriteSafeFileOptions,
): Promise<WrittenSafeFile> {
  const { safe } = options;
  if (await denoFiles.stat(file) !== undefined) {
    throw new UsageError("Cannot write the Safe's file as the file is there already", {
      facts: [`file: ${file}`],
      hint: "choose another name, or remove it",
    });
  }
  const code = await getCodeHash(endpoints, safe, { block: "latest", ...(signal && { signal }) });
  const content = safeFile(calls, { ...options, createdAtMs: systemClock.now() });
  await writeFileAtomically(
    denoFiles,
    file,
    new TextEncoder().encode(`${JSON.stringify(content, null, 2)}\n`),
  );
  return { file, safe, isContract: code !== undefined };
}
