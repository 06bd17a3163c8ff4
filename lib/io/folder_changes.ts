/** Tells that something changed somewhere below a folder, not what: whoever hears it looks for themselves. */
export interface FolderChanges extends Disposable {
  /** Resolves at the next change, or at once where one came since the last call. One caller at a time. */
  next(): Promise<void>;
}

/**
 * Listens to the system's change notices. They are a hint: a full queue drops some, and network file systems send none, so a
 * listener looks by itself from time to time.
 *
 * @throws what the system answers, where it takes no more listeners or there is no such folder
 */
export function openFolderChanges(path: string): FolderChanges {
  const watcher = Deno.watchFs(path, { recursive: true });
  let hasChanged = false;
  let wake: (() => void) | undefined;
  const listen = async () => {
    try {
      for await (const { kind } of watcher) {
        // Reading is not a change; our own hashing would wake us without end.
        if (kind === "access") continue;
        hasChanged = true;
        wake?.();
      }
    } catch {
      // The folder went away, or the queue broke: the next look finds out, and says so.
    }
  };
  const listening = listen();
  return {
    async next() {
      if (!hasChanged) await new Promise<void>((resolve) => wake = resolve);
      hasChanged = false;
      wake = undefined;
    },
    [Symbol.dispose]() {
      watcher.close();
      wake?.();
      void listening;
    },
  };
}
