import { basename, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";

/** What {@linkcode walk} leaves out. Each pattern is tried on the whole path. */
export interface WalkOptions {
  /** Levels below the root; 0 is the root alone. @default {Infinity} */
  maxDepth?: number;
  /** @default {true} */
  includeFiles?: boolean;
  /** @default {true} */
  includeDirs?: boolean;
  /** Links are reported, never followed. @default {true} */
  includeSymlinks?: boolean;
  /** Endings of which a path needs one, with or without the dot. */
  exts?: string[];
  /** Patterns of which a path needs one. */
  match?: RegExp[];
  /** Patterns of which a path must have none; below a folder that has one nothing is looked at. */
  skip?: RegExp[];
}

/** Something that {@linkcode walk} came across. */
export interface WalkEntry extends Deno.DirEntry {
  /** The root as given, joined with the way down from it. */
  path: string;
}

/**
 * Reports a folder and all that is below it, in the file system's order.
 *
 * @throws {Deno.errors.NotADirectory} where the root is a file
 */
export async function* walk(root: string | URL, options: WalkOptions = {}): AsyncIterableIterator<WalkEntry> {
  const { maxDepth = Infinity } = options;
  if (maxDepth < 0) return;
  const path = normalize(root instanceof URL ? fileURLToPath(root) : root);
  const { isFile, isDirectory, isSymlink } = await Deno.stat(path);
  yield* walkFolder({ path, name: basename(path), isFile, isDirectory, isSymlink }, maxDepth, options);
}

async function* walkFolder(
  folder: WalkEntry,
  depth: number,
  options: WalkOptions,
): AsyncIterableIterator<WalkEntry> {
  const { includeFiles = true, includeDirs = true, includeSymlinks = true } = options;
  if (includeDirs && isNamed(folder.path, options)) yield folder;
  if (depth < 1 || isSkipped(folder.path, options)) return;
  for await (const child of Deno.readDir(folder.path)) {
    const entry = { ...child, path: join(folder.path, child.name) };
    if (entry.isDirectory) yield* walkFolder(entry, depth - 1, options);
    else if ((entry.isSymlink ? includeSymlinks : includeFiles) && isNamed(entry.path, options)) yield entry;
  }
}

function isNamed(path: string, options: WalkOptions): boolean {
  const endings = options.exts?.map((ext) => ext.startsWith(".") ? ext : `.${ext}`);
  if (endings && !endings.some((ending) => path.endsWith(ending))) return false;
  if (options.match && !options.match.some((pattern) => matches(path, pattern))) return false;
  return !isSkipped(path, options);
}

function isSkipped(path: string, { skip = [] }: WalkOptions): boolean {
  return skip.some((pattern) => matches(path, pattern));
}

/** `String.search` leaves a global pattern's `lastIndex` alone, `RegExp.test` does not. */
function matches(path: string, pattern: RegExp): boolean {
  return path.search(pattern) !== -1;
}
