import type { DatabaseSync } from "node:sqlite";
import { openScratchDatabase } from "../io/scratch_database.ts";
import { type LedgerLine, parseLedgerLine } from "../chain/ledger_line.ts";
import { PotError } from "../core/errors.ts";
import { fromHex } from "../core/hex.ts";
import type { LogHead } from "../core/log_head.ts";
import { scanJsonLines } from "../io/scan_json_lines.ts";
import type { AuditContext } from "./audit_context.ts";
import { auditNote } from "./audit_note.ts";

/** A log head in the local ledger. */
export interface LedgerHead extends LogHead {
  readonly where: string;
  /** Unix seconds. */
  readonly timestamp: number;
}

/** What the audit found in the local ledger. */
export interface AuditedLedger extends Disposable {
  readonly lineCount: number;
  /** Of this log, in the order of the lines. */
  readonly heads: readonly LedgerHead[];
  /** The hash that stands under that id, and its line. */
  find(transactionId: string): { readonly hash: string; readonly line: number } | undefined;
}

export interface AuditLedgerOptions {
  readonly path: string;
  /** Lines behind this offset are not looked at. */
  readonly end: number;
}

const FILE = "provenance_records.jsonl";

/** Checks the ledger line by line, and that no id or key comes twice; in memory for one line and the heads. */
export async function auditLedger(
  { path, end }: AuditLedgerOptions,
  context: AuditContext,
): Promise<AuditedLedger> {
  const { files, findings, origin, signal } = context;
  using opened = new DisposableStack();
  const lines = opened.use(openScratch());
  const submitter = `local:${origin}`;
  const heads: LedgerHead[] = [];
  let lineCount = 0;
  for await (const { line, value, problem } of scanJsonLines(path, { files, end })) {
    signal?.throwIfAborted();
    lineCount = line;
    const where = `${FILE}, line ${line}`;
    const record = problem === undefined ? read(value, path) : undefined;
    if (record === undefined) {
      findings.add("ledger-line-damaged", where, problem ?? "it is not a record of a ledger");
      continue;
    }
    if (record.blockNumber !== line) {
      findings.add("ledger-order", where, `it says that it is line ${record.blockNumber}`);
    }
    lines.add(line, record);
    if (record.size === undefined || record.submitter !== submitter) continue;
    const head = await readHead(record, { where, before: heads.at(-1), context });
    if (head !== undefined) heads.push(head);
  }
  lines.finish();
  for (const { what, first, line } of lines.repeated()) {
    findings.add("ledger-repeated", `${FILE}, line ${line}`, `its ${what} is that of line ${first}`);
  }
  const kept = opened.move();
  return { lineCount, heads, find: lines.find, [Symbol.dispose]: () => kept.dispose() };
}

/** A line, whatever number it says it has. */
function read(value: unknown, path: string): LedgerLine | undefined {
  const { blockNumber } = (value ?? {}) as { readonly blockNumber?: unknown };
  if (!Number.isSafeInteger(blockNumber)) return undefined;
  try {
    return parseLedgerLine(value, { line: blockNumber as number, path });
  } catch (error) {
    if (error instanceof PotError) return undefined;
    throw error;
  }
}

async function readHead(
  { size: sizeText, root: rootText, hash, metadata, timestamp }: LedgerLine,
  { where, before, context }: {
    readonly where: string;
    readonly before: LedgerHead | undefined;
    readonly context: AuditContext;
  },
): Promise<LedgerHead | undefined> {
  const size = BigInt(sizeText!);
  const root = fromHex(rootText!, 32)!;
  const { findings } = context;
  if (hash !== rootText) {
    findings.add("ledger-line-damaged", where, "its hash is not the root that it says");
  }
  if (before !== undefined && before.size >= size) {
    findings.add("ledger-order", where, `a head of size ${size} follows on one of size ${before.size}`);
  }
  await auditNote(metadata, context, { head: { size, root }, where, code: "ledger-line-damaged" });
  return { size, root, where, timestamp };
}

/** A nameless SQLite file with the ids and keys of all lines, which is gone when it is closed. */
function openScratch() {
  const database = openScratchDatabase();
  database.exec(`
    CREATE TABLE line (line INTEGER PRIMARY KEY, id TEXT, writtenAs TEXT, hash TEXT);
    BEGIN;
  `);
  const add = database.prepare("INSERT INTO line VALUES (?, ?, ?, ?)");
  let find: ReturnType<DatabaseSync["prepare"]> | undefined;
  return {
    add(line: number, { transactionId, submitter, key, hash }: LedgerLine) {
      add.run(line, transactionId, key === undefined ? null : `${submitter}\n${key}`, hash);
    },
    finish() {
      database.exec("COMMIT; CREATE INDEX byId ON line (id); CREATE INDEX byKey ON line (writtenAs)");
      find = database.prepare("SELECT hash, line FROM line WHERE id = ? LIMIT 1");
    },
    *repeated(): Generator<{ what: string; first: number; line: number }, void> {
      for (const [column, what] of [["id", "id"], ["writtenAs", "key"]] as const) {
        const rows = database.prepare(`
          SELECT later.line AS line, min(earlier.line) AS first FROM line AS later
          JOIN line AS earlier ON earlier.${column} = later.${column} AND earlier.line < later.line
          GROUP BY later.line LIMIT 10000`);
        for (const { line, first } of rows.all() as unknown as { line: number; first: number }[]) {
          yield { what, first, line };
        }
      }
    },
    find: (id: string) => find?.get(id) as { hash: string; line: number } | undefined,
    [Symbol.dispose]: () => database.close(),
  };
}
