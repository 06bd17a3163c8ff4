import { join } from "node:path";
import { ensureDir } from "@std/fs/ensure-dir";
import { exists } from "@std/fs/exists";
import { UsageError } from "../../lib/core/errors.ts";
import { denoFiles } from "../../lib/io/deno_files.ts";
import { initialize, type Initialized } from "../../lib/runtime/initialize.ts";

/** Marks a folder as the demo's own, so that the next demo may replace it. */
const MARKER = ".made-by-pot-demo";

/**
 * Makes the demo's folder and an installation in it. A folder that an earlier demo made is replaced; any other is left alone.
 *
 * @throws {UsageError} when the folder exists and no demo made it.
 */
export async function prepareDemoFolder(folder: string): Promise<Initialized> {
  const isOurs = await exists(join(folder, MARKER));
  if (!isOurs && (await denoFiles.list(folder)).length > 0) {
    throw new UsageError("Cannot run the demo here as the folder holds files that it did not make", {
      facts: [`folder: ${folder}`],
      hint: "choose another one with --output, or move it away",
    });
  }
  if (isOurs) await Deno.remove(folder, { recursive: true });
  await ensureDir(folder);
  await Deno.writeTextFile(join(folder, MARKER), "");
  return await initialize({ folder, origin: "pot/demo" });
}
