import { isTemporaryName } from "../core/temporary_name.ts";
import type { FolderItem } from "../io/folder_items.ts";

/** Why most items wait: for time alone. */
export const STILL_WRITTEN = "it is still being written, or was until just now";

/** What one look at a folder comes to. */
export interface SettlingOutcome {
  /** Complete, as far as anybody can tell from outside. */
  readonly ready: readonly FolderItem[];
  /** Not complete yet, and why. */
  readonly waiting: readonly { readonly name: string; readonly because: string }[];
  /** When the next of those that only wait for time will be ready. */
  readonly nextAtMs: number | undefined;
}

/** Tells which items of a folder are complete, from one look to the next. */
export interface Settling {
  /** `items` is everything in the folder; `isWanted` those that are worth waiting for. */
  look(items: readonly FolderItem[], options: LookOptions): SettlingOutcome;
}

export interface LookOptions {
  readonly nowMs: number;
  readonly isWanted: (item: FolderItem) => boolean;
}

/**
 * An item is complete once size, times and names in it were the same for `settleMs`, as seen from here (the times in the files may
 * come from another machine's clock), or at once where it bore a temporary name at an earlier look: then its writer
 * renamed it when it was done.
 */
export function createSettling({ settleMs }: { readonly settleMs: number }): Settling {
  let seen = new Map<string, { readonly print: string; readonly sinceMs: number }>();
  let unfinished = new Set<string>();

  return {
    look(items, { nowMs, isWanted }) {
      const now = new Map<string, { readonly print: string; readonly sinceMs: number }>();
      const temporary = new Set<string>();
      const ready: FolderItem[] = [];
      const waiting: { name: string; because: string }[] = [];
      let nextAtMs: number | undefined;
      for (const item of items) {
        const { name, identity, fingerprint, incomplete } = item;
        if (isTemporaryName(name)) {
          if (identity !== undefined) temporary.add(identity);
          continue;
        }
        if (!isWanted(item)) continue;
        const print = `${identity} ${fingerprint}`;
        const before = seen.get(name);
        const wasRenamed = before === undefined && identity !== undefined && unfinished.has(identity);
        const sinceMs = wasRenamed ? -Infinity : before?.print === print ? before.sinceMs : nowMs;
        now.set(name, { print, sinceMs });
        if (incomplete !== undefined) waiting.push({ name, because: incomplete });
        else if (nowMs - sinceMs >= settleMs) ready.push(item);
        else {
          waiting.push({ name, because: STILL_WRITTEN });
          nextAtMs = Math.min(nextAtMs ?? Infinity, sinceMs + settleMs);
        }
      }
      seen = now;
      unfinished = temporary;
      return { ready, waiting, nextAtMs };
    },
  };
}
