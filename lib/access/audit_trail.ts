import { join } from "node:path";
import type { Clock } from "../core/clock.ts";
import type { NoteSigner } from "../core/note_key.ts";
import { writeFileAtomically } from "../io/atomic_write.ts";
import type { FileLayer, FileLock } from "../io/file_layer.ts";
import { openJsonLinesFile } from "../io/json_lines_file.ts";
import { signTrailHead, TRAIL_HEAD_FILE, type TrailHead } from "./trail_head.ts";
import {
  fitPrincipal,
  formatTrailLine,
  hashTrailLine,
  type TrailEntry,
  type TrailLine,
} from "./trail_line.ts";
import { findTrailEnd } from "./trail_end.ts";

/** The audit trail of a home folder: its file `access.jsonl`, each line bound to the one before it by its hash. */
export interface AuditTrail {
  /**
   * Appends a line; durable when it resolves, to the line's number. `undefined` while there is no home folder: nothing is kept
   * there yet. Calls that come together share one write.
   *
   * With `unlessRecent`, nothing is written where one of the last lines is of the same principal, verb and outcome and
   * of the same hour; that line's number is answered.
   */
  note(entry: TrailEntry, options?: { readonly unlessRecent?: boolean }): Promise<number | undefined>;
}

export interface AuditTrailOptions {
  readonly files: FileLayer;
  readonly clock: Pick<Clock, "now">;
  /** The log's key as it is now, which signs how far the trail reaches. @default none: a cut tail does not show */
  readonly signer?: () => Promise<NoteSigner | undefined>;
}

/** The trail's file in the home folder. */
export const TRAIL_FILE = "access.jsonl";

/** `2026-01-31T12`: as long as that is the same, it is the same hour. */
const HOUR_LENGTH = 13;

interface Waiting {
  readonly entry: TrailEntry;
  readonly unlessRecent: boolean;
  readonly resolve: (sequence: number | undefined) => void;
  readonly reject: (error: unknown) => void;
}

/** Opens the trail. The file is made by the first line, readable for its owner only; nothing is held open. */
export function openAuditTrail(home: string, { files, clock, signer }: AuditTrailOptions): AuditTrail {
  const path = join(home, TRAIL_FILE);
  let waiting: Waiting[] = [];
  let isWriting = false;

  /** Writes what waits, and what comes to wait meanwhile; `access.jsonl.lock` keeps other processes out. */
  async function writeAll(): Promise<void> {
    isWriting = true;
    try {
      while (waiting.length > 0) {
        const batch = waiting;
        waiting = [];
        try {
          const numbers = await write(batch);
          for (const [i, one] of batch.entries()) one.resolve(numbers[i]);
        } catch (error) {
          for (const one of batch) one.reject(error);
        }
      }
    } finally {
      isWriting = false;
    }
  }

  async function write(batch: readonly Waiting[]): Promise<readonly (number | undefined)[]> {
    using lock = await lockIfThere(`${path}.lock`, files);
    if (lock === undefined) return batch.map(() => undefined);
    const end = await findTrailEnd(path, files);
    const at = new Date(clock.now()).toISOString();
    const written = batch.some(({ unlessRecent }) => unlessRecent) ? end.recent : [];
    let { sequence, hash } = end;
    const lines: TrailLine[] = [];
    const numbers = batch.map(({ entry, unlessRecent }) => {
      const recent = unlessRecent ? [...written, ...lines].find(isLike(entry, at)) : undefined;
      if (recent !== undefined) return recent.sequence;
      const line = formatTrailLine(entry, { sequence: sequence + 1, at, previous: hash });
      lines.push(line);
      hash = hashTrailLine(line);
      return sequence = line.sequence;
    });
    if (lines.length === 0) return numbers;
    if (end.isAbsent) await makePrivate(path, files);
    using file = await openJsonLinesFile(path, { files });
    await file.append(lines);
    await signHead({ sequence, hash }, end.sequence === 0);
    return numbers;
  }

  async function signHead(head: Pick<TrailHead, "sequence" | "hash">, isFirst: boolean): Promise<void> {
    const key = await signer?.();
    if (key === undefined) return;
    const text = `${JSON.stringify(await signTrailHead(head, key), null, 2)}\n`;
    // An older head holds for the lines that it names, so that the sync of the next line is soon enough; none at all tells of a cut.
    await writeFileAtomically(files, join(home, TRAIL_HEAD_FILE), new TextEncoder().encode(text), {
      mode: 0o600,
      deferFolderSync: !isFirst,
    });
  }

  return {
    note: (entry, { unlessRecent = false } = {}) =>
      new Promise((resolve, reject) => {
        waiting.push({ entry, unlessRecent, resolve, reject });
        if (!isWriting) void writeAll();
      }),
  };
}

function isLike({ principal, verb, outcome }: TrailEntry, at: string) {
  const hour = at.slice(0, HOUR_LENGTH);
  const { name, tokenId } = fitPrincipal(principal);
  return (line: TrailLine) =>
    line.verb === verb && line.outcome === outcome && line.principal.name === name &&
    line.principal.tokenId === tokenId && line.at.slice(0, HOUR_LENGTH) === hour;
}

/** `undefined` where the folder is not there. */
async function lockIfThere(path: string, files: FileLayer): Promise<FileLock | undefined> {
  try {
    return await files.lock(path);
  } catch (error) {
    const isAbsent = error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory;
    if (isAbsent) return undefined;
    throw error;
  }
}

/** The file with its mode, before anything is in it. */
async function makePrivate(path: string, files: FileLayer): Promise<void> {
  (await files.open(path, { mode: 0o600 })).close();
}
