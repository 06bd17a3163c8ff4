import { isAbsolute, join, relative } from "node:path";
import { UsageError } from "../core/errors.ts";
import { showPath } from "./digest_error.ts";
import { fingerprint } from "./hash_file.ts";

/** A regular file below a folder. */
export interface FoundFile {
  /** Relative to the folder, with `/` between its parts. */
  readonly path: string;
  readonly sizeBytes: number;
  /** As `fingerprint` (hash_file.ts) makes it, of what a link leads to. */
  readonly fingerprint: string;
}

/**
 * Every file below a folder, by path in the order of UTF-16 code units. Links to files inside the folder count as files; empty folders leave
 * no trace.
 *
 * @throws {UsageError} where there is no such folder, a link leaves it, leads to a folder, nowhere or in a circle, a name is not Unicode, or
 * something below is neither file nor folder, or unreadable
 * @throws the signal's reason, when it aborts
 */
export async function listFolder(root: string, signal?: AbortSignal): Promise<readonly FoundFile[]> {
  const realRoot = await orThrow(root, "", Deno.realPath(root));
  const found: FoundFile[] = [];
  const folders = [""];
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    for (const entry of await orThrow(root, folder, readFolder(join(root, folder)))) {
      signal?.throwIfAborted();
      const path = folder === "" ? entry.name : `${folder}/${entry.name}`;
      if (entry.isDirectory) {
        folders.push(path);
        continue;
      }
      if (entry.isSymlink) await assertStaysInside(realRoot, root, path);
      const info = await orThrow(root, path, Deno.stat(join(root, path)));
      if (info.isDirectory) throw refusal("as it holds a link to a folder", root, path);
      if (!info.isFile) throw refusal("as it holds a device, pipe or socket", root, path);
      found.push({ path, sizeBytes: info.size, fingerprint: fingerprint(info) });
    }
  }
  found.sort((a, b) => (a.path < b.path ? -1 : 1));
  for (const [i, { path }] of found.entries()) {
    // Bytes that are no Unicode are read as U+FFFD, so two files can seem to have one name.
    if (path === found[i + 1]?.path) throw notUnicode(root, path);
  }
  return found;
}

async function readFolder(path: string): Promise<readonly Deno.DirEntry[]> {
  return await Array.fromAsync(Deno.readDir(path));
}

async function assertStaysInside(realRoot: string, root: string, path: string): Promise<void> {
  const target = relative(realRoot, await orThrow(root, path, Deno.realPath(join(root, path))));
  if (isAbsolute(target) || target.split(/[\\/]/)[0] === "..") {
    throw refusal("as it holds a link that leaves it", root, path);
  }
}

function refusal(why: string, root: string, path: string): UsageError {
  return new UsageError(`Cannot digest the folder ${why}`, {
    facts: [`folder: ${showPath(root)}`, `path: ${showPath(path)}`],
    hint: "replace it by the files themselves, or record those one by one",
  });
}

function notUnicode(root: string, path: string): UsageError {
  return new UsageError("Cannot digest the folder as a name in it is not valid Unicode", {
    facts: [`folder: ${showPath(root)}`, `path: ${showPath(path)}`],
    hint: "rename the file",
  });
}

async function orThrow<T>(root: string, path: string, promise: Promise<T>): Promise<T> {
  try {
    return await promise;
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    const isLoop: boolean = error instanceof Deno.errors.FilesystemLoop;
    if (isLoop) {
      throw refusal("as it holds a link that leads in a circle", root, path);
    }
    const isGone: boolean = error instanceof Deno.errors.NotFound ||
      error instanceof Deno.errors.NotADirectory;
    if (isGone && path.includes("\ufffd")) throw notUnicode(root, path);
    if (isGone) {
      throw new UsageError(
        "Cannot digest the folder as there is no such folder, or a link in it leads nowhere",
        {
          facts: [`folder: ${showPath(root)}`, ...(path === "" ? [] : [`path: ${showPath(path)}`])],
          hint: "check the path, and remove links that lead nowhere",
          cause: error,
        },
      );
    }
    throw new UsageError("Cannot digest the folder as it is unreadable", {
      facts: [
        `folder: ${showPath(root)}`,
        ...(path === "" ? [] : [`path: ${showPath(path)}`]),
        `reason: ${error.message}`,
      ],
      hint: "check its permissions, or run as a user who may read it",
      cause: error,
    });
  }
}
