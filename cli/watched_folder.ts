import { join } from "node:path";
import type { DocumentStore } from "../lib/io/document_store.ts";
import { type FolderChanges, openFolderChanges } from "../lib/io/folder_changes.ts";
import { listFolderItems, readFolderItem } from "../lib/io/folder_items.ts";
import type { WatchedFolder } from "../lib/recorder/watch_folder.ts";
import type { CliContext } from "./cli_context.ts";
import { digestArtifacts } from "./digest_artifact.ts";

export interface OpenWatchedFolderOptions {
  readonly context: CliContext;
  /** Takes the manifests of folders. */
  readonly documents: Pick<DocumentStore, "put">;
  /** Nobody waits for changes then. */
  readonly isOnce: boolean;
  /** Told where the system takes no more listeners. */
  readonly onNotice: (line: string) => void;
}

/** The real folder, for a watch. */
export function openWatchedFolder(
  path: string,
  { context, documents, isOnce, onNotice }: OpenWatchedFolderOptions,
): WatchedFolder & Disposable {
  const changes = isOnce ? undefined : listen(path, onNotice);
  const never = new Promise<void>(() => {});
  return {
    path,
    list: () => listFolderItems(path),
    read: (name) => readFolderItem(path, name),
    nextChange: () => changes?.next() ?? never,
    async digest({ name }, { signal = new AbortController().signal }) {
      const [read] = await digestArtifacts([join(path, name)], { ...context, signal });
      // Before the record that names them.
      for (const document of read!.documents) await documents.put(document);
      return read!.artifact;
    },
    [Symbol.dispose]: () => changes?.[Symbol.dispose](),
  };
}

function listen(path: string, onNotice: (line: string) => void): FolderChanges | undefined {
  try {
    return openFolderChanges(path);
  } catch (error) {
    // As where the limit of listeners is reached. Looking every few seconds finds everything, only later.
    onNotice(
      `the system tells of no changes here (${
        error instanceof Error ? error.message : error
      }): looking every 10 s`,
    );
    return undefined;
  }
}
