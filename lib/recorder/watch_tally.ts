import { STILL_WRITTEN } from "./settling.ts";

/** Something that happened while watching. */
export type WatchNews =
  | {
    readonly type: "recorded";
    readonly name: string;
    readonly step: number | string;
    readonly id: string;
    readonly index: bigint;
    /** The log had this very event already. */
    readonly isDuplicate: boolean;
    /** Why the policy asked for it; empty without a policy. */
    readonly reasons: readonly string[];
  }
  /** The policy did not ask for it. */
  | { readonly type: "skipped"; readonly name: string; readonly reasons: readonly string[] }
  /** Nothing that can be recorded. */
  | { readonly type: "ignored"; readonly name: string; readonly because: string; readonly hint?: string }
  /** Looks unfinished, and not for want of time. */
  | { readonly type: "waiting"; readonly name: string; readonly because: string }
  | { readonly type: "failed"; readonly name: string; readonly because: string }
  | { readonly type: "notice"; readonly text: string };

/** What one watch came to. */
export interface WatchSummary {
  /** New records. */
  readonly recorded: number;
  /** Submitted, and found in the log. */
  readonly alreadyRecorded: number;
  /** Touched or copied since they were recorded, with the same bytes. */
  readonly unchanged: number;
  /** Left out by the policy; an item has one reason a rule. */
  readonly skipped: { readonly count: number; readonly because: Readonly<Record<string, number>> };
  /** What is no training checkpoint, or does not tell its step. */
  readonly ignored: { readonly count: number; readonly because: Readonly<Record<string, number>> };
  /** Could not be read, or was deleted before it was hashed. */
  readonly failed: readonly { readonly name: string; readonly because: string }[];
  /** Not complete when the watch ended. */
  readonly waiting: readonly { readonly name: string; readonly because: string }[];
}

/** Counts what happens, and passes each piece of news on once. */
export interface WatchTally {
  recorded(news: Omit<WatchNews & { readonly type: "recorded" }, "type">): void;
  unchanged(name: string): void;
  skipped(name: string, reasons: readonly string[]): void;
  ignored(name: string, because: string, hint?: string): void;
  failed(name: string, because: string): void;
  /** Everything that waits now. */
  waiting(all: WatchSummary["waiting"]): void;
  notice(text: string): void;
  summary(): WatchSummary;
}

export function createWatchTally(onNews: (news: WatchNews) => void): WatchTally {
  const counts = { recorded: 0, alreadyRecorded: 0, unchanged: 0, skipped: 0 };
  const skippedBecause = new Map<string, number>();
  const ignored = new Map<string, string>();
  const failed = new Map<string, string>();
  const announced = new Map<string, string>();
  let waiting: WatchSummary["waiting"] = [];

  return {
    recorded(news) {
      counts[news.isDuplicate ? "alreadyRecorded" : "recorded"]++;
      failed.delete(news.name);
      onNews({ type: "recorded", ...news });
    },
    unchanged(name) {
      counts.unchanged++;
      failed.delete(name);
    },
    skipped(name, reasons) {
      counts.skipped++;
      for (const reason of reasons) skippedBecause.set(reason, (skippedBecause.get(reason) ?? 0) + 1);
      onNews({ type: "skipped", name, reasons });
    },
    ignored(name, because, hint) {
      if (ignored.get(name) === because) return;
      ignored.set(name, because);
      onNews({ type: "ignored", name, because, ...(hint === undefined ? {} : { hint }) });
    },
    failed(name, because) {
      if (failed.get(name) === because) return;
      failed.set(name, because);
      onNews({ type: "failed", name, because });
    },
    waiting(all) {
      waiting = all;
      for (const { name, because } of all) {
        if (because === STILL_WRITTEN || announced.get(name) === because) continue;
        announced.set(name, because);
        onNews({ type: "waiting", name, because });
      }
    },
    notice: (text) => onNews({ type: "notice", text }),
    summary: () => ({
      recorded: counts.recorded,
      alreadyRecorded: counts.alreadyRecorded,
      unchanged: counts.unchanged,
      skipped: { count: counts.skipped, because: Object.fromEntries(skippedBecause) },
      ignored: { count: ignored.size, because: countEach(ignored.values()) },
      failed: [...failed].map(([name, because]) => ({ name, because })),
      waiting,
    }),
  };
}

function countEach(reasons: Iterable<string>): Readonly<Record<string, number>> {
  const counts = new Map<string, number>();
  for (const reason of reasons) counts.set(reason, (counts.get(reason) ?? 0) + 1);
  return Object.fromEntries(counts);
}
