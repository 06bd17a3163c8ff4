import { join } from "node:path";
import { UsageError } from "../core/errors.ts";
import { writeFileAtomically } from "../io/atomic_write.ts";
import type { FileLayer } from "../io/file_layer.ts";
import { removeTree } from "./remove_tree.ts";

/** There while state is being exchanged; whoever finds it completes that first. */
export const SWAP_FILE = "restoring.json";

const SCHEMA = "pot-restoring/1";
const NAME = /^[A-Za-z0-9._-]{1,120}$/;

/** Which names of a folder make place for which. */
export interface StateSwap {
  /** A folder in it that holds what is to come, whole and durable. */
  readonly staged: string;
  /** Within `staged`, where the names are: "" for itself. */
  readonly from: string;
  /** The folder in it that keeps what goes. */
  readonly kept: string;
  /** Names that go. */
  readonly takes: readonly string[];
  /** Names that come. */
  readonly gives: readonly string[];
}

/**
 * Exchanges part of a folder, so that a crash at any point leaves the old state or is carried on to the new one by
 * {@linkcode finishSwap}: what is to be done is written down first. Nothing is deleted: the old state is in the folder `kept`. It works
 * within the folder, as that may be a volume of its own that cannot be renamed.
 */
export async function swapState(
  folder: string,
  swap: StateSwap,
  { files }: { readonly files: FileLayer },
): Promise<void> {
  const intent = new TextEncoder().encode(`${JSON.stringify({ schema: SCHEMA, ...swap })}\n`);
  await files.makeFolder(join(folder, swap.kept));
  await writeFileAtomically(files, join(folder, SWAP_FILE), intent);
  await finishSwap(folder, { files });
}

/**
 * Completes an exchange that was cut off; answers whether there was one. Costs one look where there was none.
 *
 * @throws {UsageError} when what was to be done cannot be read; nothing is touched then
 */
export async function finishSwap(folder: string, { files }: { readonly files: FileLayer }): Promise<boolean> {
  const path = join(folder, SWAP_FILE);
  if (await files.stat(path) === undefined) return false;
  using _lock = await files.lock(join(folder, "restoring.lock"));
  const bytes = await files.read(path);
  if (bytes === undefined) return false;
  const { staged, from, kept, takes, gives } = parse(bytes, path);
  const source = from === "" ? join(folder, staged) : join(folder, staged, from);
  const keeper = join(folder, kept);
  await files.makeFolder(keeper);
  const isThere = async (at: string) => await files.stat(at) !== undefined;
  for (const name of takes) {
    // What has come already goes no more.
    const hasCome = gives.includes(name) && !await isThere(join(source, name));
    if (!hasCome && await isThere(join(folder, name))) {
      await files.rename(join(folder, name), join(keeper, name));
    }
  }
  await files.syncFolder(keeper);
  await files.syncFolder(folder);
  for (const name of gives) {
    if (await isThere(join(source, name))) await files.rename(join(source, name), join(folder, name));
  }
  await files.syncFolder(folder);
  await files.remove(path);
  await files.syncFolder(folder);
  await removeTree(join(folder, staged), files);
  return true;
}

function parse(bytes: Uint8Array, path: string): StateSwap {
  try {
    const value = JSON.parse(new TextDecoder().decode(bytes));
    const { schema, staged, from, kept, takes, gives } = value;
    const names = [staged, kept, ...takes, ...gives, ...(from === "" ? [] : [from])];
    const isSound = schema === SCHEMA && names.every((name) => typeof name === "string" && NAME.test(name)) &&
      !names.includes(".") && !names.includes("..");
    if (isSound) return value;
  } catch {
    // Told below.
  }
  throw new UsageError("Cannot go on as a restore was cut off and what it was to do cannot be read", {
    facts: [`file: ${path}`],
    hint: "docs/operations.md says how to complete it by hand",
  });
}
