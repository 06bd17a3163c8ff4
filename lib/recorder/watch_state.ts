import { createHash } from "node:crypto";
import { join } from "node:path";
import { PotError, UsageError } from "../core/errors.ts";
import { parseEvent } from "../core/parse_event.ts";
import type { RecordEvent } from "../core/record.ts";
import type { PolicyEvent } from "../core/recording_policy.ts";
import { CorruptFileError } from "../io/corrupt_file_error.ts";
import type { FileLayer } from "../io/file_layer.ts";
import type { FolderItem } from "../io/folder_items.ts";
import { openJsonLinesFile } from "../io/json_lines_file.ts";
import { LockHeldError } from "../io/lock_held_error.ts";

/** The item as it was when it was dealt with. */
export type SeenItem = Pick<FolderItem, "name" | "fingerprint" | "sizeBytes" | "modifiedMs">;

/** One line of the state file. */
export type WatchLine =
  /** Written before the record, so that after a crash the very same event is submitted again. */
  | {
    readonly type: "planned";
    readonly item: SeenItem;
    readonly event: RecordEvent;
    readonly reasons: readonly string[];
  }
  | { readonly type: "recorded"; readonly name: string; readonly id: string }
  | { readonly type: "skipped"; readonly item: SeenItem; readonly event: PolicyEvent }
  /** Touched or copied, but its bytes are those that were recorded. */
  | { readonly type: "same"; readonly item: SeenItem; readonly digest: string };

export type PlannedLine = WatchLine & { readonly type: "planned" };

/** What is remembered of one name. */
export interface KnownItem {
  readonly fingerprint: string;
  /** Of the newest record of that name; absent where it was only ever skipped. */
  readonly digest?: string;
}

/** What one watch of one folder for one run remembers, durable: what was recorded and skipped. */
export interface WatchState extends Disposable {
  /** What is remembered of that name. */
  known(name: string): KnownItem | undefined;
  /** Planned and not known to be recorded: what a crash left open. */
  readonly unfinished: readonly PlannedLine[];
  /** Durable when it resolves. */
  add(line: WatchLine): Promise<void>;
}

export interface OpenWatchStateOptions {
  readonly files: FileLayer;
  /** Where the state of all watches is kept; made where it is absent. */
  readonly stateFolder: string;
  /** The watched folder, absolute. */
  readonly folder: string;
  readonly runId: string;
  /** Called for each line of an earlier watch, oldest first. */
  readonly onLine: (line: WatchLine) => void;
}

const SCHEMA = "pot-watch/1";

/**
 * Opens the state of that folder and run, for one watch at a time.
 *
 * @throws {UsageError} when another process watches the folder for this run
 * @throws {PotError} when the state is damaged
 */
export async function openWatchState(
  { files, stateFolder, folder, runId, onLine }: OpenWatchStateOptions,
): Promise<WatchState> {
  const key = createHash("sha256").update(JSON.stringify([folder, runId])).digest("hex").slice(0, 32);
  const path = join(stateFolder, `${key}.jsonl`);
  await files.makeFolder(stateFolder);
  using opened = new DisposableStack();
  opened.use(await lock(files, { path: join(stateFolder, `${key}.lock`), folder, runId }));
  const lines = opened.use(await openJsonLinesFile(path, { files }));

  const items = new Map<string, KnownItem>();
  const open = new Map<string, PlannedLine>();
  const apply = (line: WatchLine) => {
    if (line.type === "recorded") {
      open.delete(line.name);
      return;
    }
    const { name, fingerprint } = line.item;
    const digest = line.type === "same"
      ? line.digest
      : line.type === "planned"
      ? line.event.artifact?.digest
      : items.get(name)?.digest;
    items.set(name, { fingerprint, ...(digest === undefined ? {} : { digest }) });
    if (line.type === "planned") open.set(name, line);
  };

  let isNew = true;
  for (const { line: number, value } of await readAll(lines, path)) {
    if (isNew) {
      if ((value as { schema?: unknown } | null)?.schema !== SCHEMA) throw damaged(path, number);
      isNew = false;
      continue;
    }
    const line = readLine(value);
    if (line === undefined) throw damaged(path, number);
    apply(line);
    onLine(line);
  }
  if (isNew) await lines.append([{ schema: SCHEMA, folder, runId }]);

  const disposables = opened.move();
  return {
    known: (name) => items.get(name),
    unfinished: [...open.values()],
    async add(line) {
      await lines.append([line]);
      apply(line);
    },
    [Symbol.dispose]: () => disposables.dispose(),
  };
}

async function lock(
  files: FileLayer,
  { path, folder, runId }: { readonly path: string; readonly folder: string; readonly runId: string },
): Promise<Disposable> {
  try {
    return await files.lock(path, { failIfHeld: true });
  } catch (error) {
    if (!(error instanceof LockHeldError)) throw error;
    throw new UsageError("Cannot watch the folder as another process watches it for this run", {
      facts: [`folder: ${folder}`, `run: ${runId}`],
      hint: "stop the other one, or give this one another --run",
      cause: error,
    });
  }
}

async function readAll(lines: Awaited<ReturnType<typeof openJsonLinesFile>>, path: string) {
  try {
    return await lines.readNew();
  } catch (error) {
    if (error instanceof CorruptFileError) throw damaged(path, undefined, error);
    throw error;
  }
}

/** The line as this version writes it; `undefined` for anything else. */
function readLine(value: unknown): WatchLine | undefined {
  // deno-lint-ignore no-explicit-any -- every field that is used is checked
  const line = value as any;
  if (line?.type === "recorded") {
    return typeof line.name === "string" && typeof line.id === "string" ? line : undefined;
  }
  if (typeof line?.item?.name !== "string" || typeof line.item.fingerprint !== "string") return undefined;
  if (line.type === "same") return typeof line.digest === "string" ? line : undefined;
  if (typeof line.event !== "object" || line.event === null) return undefined;
  if (line.type === "skipped") return line;
  if (line.type !== "planned" || !Array.isArray(line.reasons)) return undefined;
  try {
    return { ...line, event: parseEvent(line.event) };
  } catch {
    return undefined;
  }
}

function damaged(path: string, line: number | undefined, cause?: unknown): PotError {
  return new PotError("Cannot go on watching as what was seen so far is damaged", {
    facts: [`file: ${path}`, ...(line === undefined ? [] : [`line: ${line}`])],
    hint: "move the file away: what is recorded already is found again by its bytes, name and time",
    cause,
  });
}
