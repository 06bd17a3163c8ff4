import { createHash } from "node:crypto";
import type { FolderItem } from "../../lib/io/folder_items.ts";
import type { WatchedFolder } from "../../lib/recorder/watch_folder.ts";

/** A folder in memory whose files a test writes; nothing tells of changes. */
export interface FakeWatchedFolder extends WatchedFolder {
  write(name: string, text: string, modifiedMs?: number): void;
  touch(name: string, modifiedMs: number): void;
  rename(from: string, to: string): void;
  remove(name: string): void;
  /** Called while an item is hashed; may write, remove or throw. */
  onDigest: (name: string) => void;
  /** Thrown instead of the next listings. */
  listError: Error | undefined;
  /** Names in the order in which they were hashed. */
  readonly digested: string[];
}

export function createFakeWatchedFolder(path = "/checkpoints"): FakeWatchedFolder {
  const files = new Map<string, FolderItem & { readonly text: string }>();
  let made = 0;
  const folder: FakeWatchedFolder = {
    path,
    onDigest: () => {},
    listError: undefined,
    digested: [],
    write(name, text, modifiedMs = 1_800_000_000_000) {
      const identity = files.get(name)?.identity ?? `id ${made++}`;
      const fingerprint = `file ${text.length} ${modifiedMs}`;
      const size = { sizeBytes: text.length, ...(text === "" ? { incomplete: "it is empty" } : {}) };
      files.set(name, { name, kind: "file", identity, modifiedMs, fingerprint, text, ...size });
    },
    touch: (name, modifiedMs) => folder.write(name, files.get(name)!.text, modifiedMs),
    rename(from, to) {
      files.set(to, { ...files.get(from)!, name: to });
      files.delete(from);
    },
    remove: (name) => void files.delete(name),
    list: () =>
      folder.listError === undefined
        ? Promise.resolve([...files.values()])
        : Promise.reject(folder.listError),
    read: (name) => Promise.resolve(files.get(name)),
    nextChange: () => new Promise(() => {}),
    // deno-lint-ignore require-await -- what it throws has to be a rejection
    async digest({ name }, { signal }) {
      signal?.throwIfAborted();
      folder.digested.push(name);
      const text = files.get(name)?.text;
      folder.onDigest(name);
      if (text === undefined) throw new Error("no such file");
      const digest = createHash("sha256").update(text).digest("hex");
      return { algorithm: "sha256", digest, sizeBytes: text.length, name, kind: "file", computed: true };
    },
  };
  return folder;
}
