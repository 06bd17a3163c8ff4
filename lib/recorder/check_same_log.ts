import { equalBytes } from "../core/equal_bytes.ts";
import { PotError } from "../core/errors.ts";
import { toHex } from "../core/hex.ts";
import type { LogHead } from "../core/log_head.ts";
import type { Log } from "../log/log.ts";
import type { Anchor } from "./anchor_line.ts";

export interface SameLogSources {
  readonly log: Pick<Log, "headAt">;
  readonly anchors: readonly Anchor[];
}

/**
 * Makes sure that the log still is the one that was anchored, before a new anchor would vouch for another history: the log at the
 * size of the largest anchor has that anchor's root. One restored from an old backup is shorter, or has grown differently.
 *
 * @param head the log's newest checkpoint; `undefined` for an empty log
 * @throws {PotError} when it is not.
 */
export async function checkSameLog(
  head: LogHead | undefined,
  { log, anchors }: SameLogSources,
): Promise<void> {
  const largest = anchors.reduce<Anchor | undefined>(
    (best, anchor) => best === undefined || anchor.size > best.size ? anchor : best,
    undefined,
  );
  if (largest === undefined) return;
  const { size, root } = largest;
  const actual = head === undefined || head.size < size
    ? undefined
    : head.size === size
    ? head.root
    : (await log.headAt(size)).root;
  if (actual !== undefined && equalBytes(actual, root)) return;
  throw new PotError(
    `Cannot anchor as the log ${
      actual === undefined ? "is shorter than" : "is not the one that"
    } was anchored before`,
    {
      facts: [
        `anchored: size ${size}, root ${toHex(root)}`,
        actual === undefined ? `log: size ${head?.size ?? 0}` : `log at that size: root ${toHex(actual)}`,
      ],
      hint: "restore the newest backup of the log, or the anchors.jsonl that belongs to it",
    },
  );
}
