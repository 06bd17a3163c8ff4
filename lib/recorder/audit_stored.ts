import { openScratchDatabase } from "../io/scratch_database.ts";
import { toHex } from "../core/hex.ts";
import { scanJsonLines } from "../io/scan_json_lines.ts";
import type { AuditContext } from "./audit_context.ts";
import type { AuditedLedger } from "./audit_ledger.ts";

/** A record that is noted as stored by itself in a contract. */
export interface StoredNote {
  readonly index: number;
  readonly hash: string;
  readonly transactionHash: string | undefined;
  readonly line: number;
}

/** What is noted as stored by itself. */
export interface AuditedStored extends Disposable {
  readonly count: number;
  /** Chain and contract of each, `<chain id> <contract in lowercase>`. */
  readonly scopes: ReadonlySet<string>;
  /** What is noted under that id, which then counts as seen. */
  see(scope: string, transactionId: string): StoredNote | undefined;
  /** What is noted in that scope and was not seen. */
  unseen(scope: string): Iterable<StoredNote & { readonly transactionId: string }>;
  /** The highest index that is noted there; -1 for none. */
  highest(scope: string): number;
}

export interface AuditStoredOptions {
  readonly path: string;
  /** Lines behind this offset are not looked at. */
  readonly end: number;
  readonly publishedSize: number;
  /** The leaf hash at an index, as the tiles have it. */
  readonly leafAt: (index: number) => Promise<Uint8Array | undefined>;
  readonly ledger: Pick<AuditedLedger, "find">;
}

const FILE = "stored.jsonl";

/** Checks every line against the log and, where it is about the ledger, against that; in memory for one line and a bit a record. */
export async function auditStored(
  { path, end, publishedSize, leafAt, ledger }: AuditStoredOptions,
  { files, findings, signal }: AuditContext,
): Promise<AuditedStored> {
  using opened = new DisposableStack();
  const scratch = opened.use(openScratch());
  const places = new Map<string, Bits>();
  let count = 0;
  for await (const { line, value, problem } of scanJsonLines(path, { files, end })) {
    signal?.throwIfAborted();
    const where = `${FILE}, line ${line}`;
    const note = problem === undefined ? readNote(value) : undefined;
    if (note === undefined) {
      findings.add("stored-line-damaged", where, problem ?? "it is not about a stored hash");
      continue;
    }
    count++;
    const { scope, index, hash, transactionId } = note;
    if (index >= publishedSize) {
      findings.add("stored-differs", where, `the log has no record ${index} that was published`);
      continue;
    }
    const leaf = await leafAt(index);
    if (leaf !== undefined && toHex(leaf) !== hash) {
      findings.add("stored-differs", where, `record ${index} has id ${toHex(leaf)}, stored was ${hash}`);
    }
    const bits = places.get(scope) ?? createBits();
    places.set(scope, bits);
    if (!bits.add(index)) findings.add("stored-repeated", where, `record ${index} is noted before`);
    if (!scope.startsWith("local:")) scratch.add({ ...note, line });
    else if (ledger.find(transactionId)?.hash !== hash) {
      findings.add("ledger-missing", where, `the ledger does not have ${hash} as ${transactionId}`);
    }
  }
  for (const [scope, bits] of places) {
    for (const index of bits.gaps()) {
      findings.add("stored-gap", FILE, `record ${index} is not noted for ${scope}, ${bits.highest()} is`);
    }
  }
  scratch.finish();
  const kept = opened.move();
  return {
    count,
    scopes: new Set(places.keys()),
    see: scratch.see,
    unseen: scratch.unseen,
    highest: (scope) => places.get(scope)?.highest() ?? -1,
    [Symbol.dispose]: () => kept.dispose(),
  };
}

/** A line of `stored.jsonl`, every field looked at. */
export function readNote(value: unknown) {
  const { schema, scope, index, hash, transactionId, transactionHash } = (value ?? {}) as Readonly<
    Record<string, unknown>
  >;
  const isNote = schema === "pot-stored/1" && typeof scope === "string" &&
    typeof transactionId === "string" &&
    typeof index === "string" && /^(?:0|[1-9][0-9]{0,14})$/.test(index) &&
    typeof hash === "string" && /^[0-9a-f]{64}$/.test(hash) &&
    (transactionHash === undefined || typeof transactionHash === "string");
  if (!isNote) return undefined;
  return {
    scope,
    index: Number(index),
    hash,
    transactionId,
    transactionHash: transactionHash as string | undefined,
  };
}

interface Bits {
  /** False where it was there. */
  add(index: number): boolean;
  highest(): number;
  /** Indices below the highest that are not there. */
  gaps(): Iterable<number>;
}

function createBits(): Bits {
  let bytes = new Uint8Array(1024);
  let highest = -1;
  return {
    add(index) {
      if (index >> 3 >= bytes.length) {
        const larger = new Uint8Array(2 * Math.max(bytes.length, (index >> 3) + 1));
        larger.set(bytes);
        bytes = larger;
      }
      const bit = 1 << (index & 7);
      const isNew = (bytes[index >> 3]! & bit) === 0;
      bytes[index >> 3]! |= bit;
      highest = Math.max(highest, index);
      return isNew;
    },
    highest: () => highest,
    *gaps() {
      for (let index = 0; index < highest; index++) {
        if ((bytes[index >> 3]! & 1 << (index & 7)) === 0) yield index;
      }
    },
  };
}

/** A nameless SQLite file, which is gone when it is closed. */
function openScratch() {
  const database = openScratchDatabase();
  database.exec(`
    CREATE TABLE note (
      line INTEGER PRIMARY KEY, scope TEXT, transactionId TEXT, "index" INTEGER, hash TEXT, transactionHash TEXT,
      isSeen INTEGER
    );
    BEGIN;
  `);
  const add = database.prepare("INSERT INTO note VALUES (?, ?, ?, ?, ?, ?, 0)");
  const prepared = () => ({
    find: database.prepare("SELECT * FROM note WHERE scope = ? AND transactionId = ? LIMIT 1"),
    mark: database.prepare("UPDATE note SET isSeen = 1 WHERE scope = ? AND transactionId = ?"),
    unseen: database.prepare("SELECT * FROM note WHERE scope = ? AND isSeen = 0 ORDER BY line"),
  });
  let queries: ReturnType<typeof prepared> | undefined;
  return {
    add(
      { line, scope, transactionId, index, hash, transactionHash }: StoredNote & {
        scope: string;
        transactionId: string;
      },
    ) {
      add.run(line, scope, transactionId, index, hash, transactionHash ?? null);
    },
    finish() {
      database.exec("COMMIT; CREATE INDEX byId ON note (scope, transactionId)");
      queries = prepared();
    },
    see(scope: string, transactionId: string) {
      const row = queries!.find.get(scope, transactionId) as unknown as StoredNote | undefined;
      if (row !== undefined) queries!.mark.run(scope, transactionId);
      return row;
    },
    unseen: (scope: string) =>
      queries!.unseen.iterate(scope) as Iterable<unknown> as Iterable<StoredNote & { transactionId: string }>,
    [Symbol.dispose]: () => database.close(),
  };
}
