import { basename, dirname, join } from "node:path";
import { equalBytes } from "../core/equal_bytes.ts";
import { PotError } from "../core/errors.ts";
import type { FileHandle, FileLayer } from "./file_layer.ts";

const CHUNK_BYTES = 256 * 1024;

/**
 * Writes lines of text as a file that is not there yet, whatever its size: a temporary file in the same folder, synced, then given the
 * name. A file that is there already stays; with the same content that is fine, as an earlier attempt may have written it. Hold a lock
 * under which nobody else makes a file of that name; the folder must exist.
 *
 * @returns the number of lines; nothing is written for none.
 * @throws {PotError} when a file with other content has the name.
 */
export async function writeNewFile(
  files: FileLayer,
  path: string,
  lines: AsyncIterable<string>,
): Promise<number> {
  const temporary = join(dirname(path), `.${basename(path)}.${crypto.randomUUID()}.tmp`);
  try {
    const count = await writeLines(files, temporary, lines);
    if (count === 0 || !await isFree(files, path)) {
      if (count > 0 && !await isSameFile(files, path, temporary)) throw refusal(path);
      await files.remove(temporary);
      return count;
    }
    await files.rename(temporary, path);
    await files.syncFolder(dirname(path));
    return count;
  } catch (error) {
    // The first error is the one to report; what is left behind has a name that nothing reads.
    await files.remove(temporary).catch(() => {});
    throw error;
  }
}

/** Whether there is no file of that name, or an empty one, which holds nothing that could be lost. */
export async function isFree(files: Pick<FileLayer, "stat">, path: string): Promise<boolean> {
  return ((await files.stat(path))?.sizeBytes ?? 0) === 0;
}

/** Refuses to write over a file. */
export function refusal(path: string): PotError {
  return new PotError("Cannot write a file as there is one already", {
    facts: [`file: ${path}`],
    hint: "move it away, or write elsewhere with --out <folder>",
    exitCode: 2,
  });
}

async function writeLines(files: FileLayer, path: string, lines: AsyncIterable<string>): Promise<number> {
  const file = await files.open(path, { createNew: true });
  try {
    const encoder = new TextEncoder();
    let offset = 0;
    let count = 0;
    let held = "";
    const flush = async () => {
      const bytes = encoder.encode(held);
      await file.writeAt(offset, bytes);
      offset += bytes.length;
      held = "";
    };
    for await (const line of lines) {
      held += `${line}\n`;
      count++;
      if (held.length >= CHUNK_BYTES) await flush();
    }
    await flush();
    await file.sync();
    return count;
  } finally {
    file.close();
  }
}

async function isSameFile(files: FileLayer, a: string, b: string): Promise<boolean> {
  const opened: FileHandle[] = [];
  try {
    for (const path of [a, b]) opened.push(await files.open(path, { create: false }));
    const [first, second] = opened as [FileHandle, FileHandle];
    const { sizeBytes } = await first.stat();
    if (sizeBytes !== (await second.stat()).sizeBytes) return false;
    for (let at = 0; at < sizeBytes; at += CHUNK_BYTES) {
      if (!equalBytes(await first.readAt(at, CHUNK_BYTES), await second.readAt(at, CHUNK_BYTES))) {
        return false;
      }
    }
    return true;
  } finally {
    for (const file of opened) file.close();
  }
}
