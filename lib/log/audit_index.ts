import { DatabaseSync } from "node:sqlite";
import { equalBytes } from "../core/equal_bytes.ts";
import { fromHex, toHex } from "../core/hex.ts";
import type { FindingCollector } from "./audit_findings.ts";
import type { DerivedRecord } from "./audit_source.ts";
import { INDEX_VERSION, type IndexRow, prefixOf, STRETCH } from "./log_index.ts";

/** Compares a file log's index with what its entries say, in memory for one stretch of it. */
export interface AuditIndex extends Disposable {
  /** Entries that it had when the audit began; later ones are not looked at. */
  readonly size: number;
  /** The write-ahead file that its places are offsets into. */
  readonly identity: string;
  /** Rows from a position on, as far as there are any; empty once the index is found unreadable. */
  rows(first: number, count: number): ReadonlyMap<number, IndexRow>;
  /** Where it finds an entry with that id (64 lowercase hex characters). */
  find(id: string): number | undefined;
  /** Whether it finds the entry there by that id. */
  finds(id: Uint8Array, position: number): boolean;
  /** Takes the next entry's row and what its record says (`undefined` where that cannot be told). Called in order. */
  compare(row: IndexRow | undefined, record: DerivedRecord | undefined, position: number): void;
  /** As `compare` for sound records, but for their places; false, having done nothing, where something differs. */
  compareAll(records: readonly DerivedRecord[], first: number): boolean;
  /** Compares what is kept of all together, once `size` entries were seen. */
  finish(size: number): void;
}

export interface AuditIndexOptions {
  readonly findings: FindingCollector;
  /** What the audit could not look at, in words. */
  readonly notes: string[];
}

const WHERE = "log/index.sqlite";
/** Parts that the hashes of a stretch are read in. */
const PARTS = 16;
const PREFIXES = 2 ** 48;

/** Opens the index at that path for reading alone; `undefined` where none is there, or none of this version. */
export function openAuditIndex(path: string, { findings, notes }: AuditIndexOptions): AuditIndex | undefined {
  try {
    if (!Deno.statSync(path).isFile) return undefined;
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    notes.push("there is no index: whether an event stands in the log twice was not looked for");
    return undefined;
  }
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(path, { readOnly: true, timeout: 10_000 });
    const version = database.prepare("PRAGMA user_version").get()?.["user_version"];
    if (version === INDEX_VERSION) return createAuditIndex(database, { findings, notes });
    if (typeof version === "number" && version > 0 && version < INDEX_VERSION) {
      notes.push("the index is an older version's, and is made anew when the log is opened");
    } else {
      findings.add("index-damaged", WHERE, `its version is ${String(version)}`);
    }
  } catch (error) {
    // SQLite has to write beside an index in order to read it, even so.
    if (/readonly|unable to open/i.test(messageOf(error))) {
      notes.push(`the index was not compared, as it cannot be opened here: ${messageOf(error)}`);
    } else findings.add("index-damaged", WHERE, messageOf(error));
  }
  database?.close();
  return undefined;
}

function createAuditIndex(database: DatabaseSync, { findings, notes }: AuditIndexOptions): AuditIndex {
  let isGone = false;

  /** Whatever SQLite throws is damage, and is told once. */
  function reading<T>(read: () => T, otherwise: T): T {
    if (isGone) return otherwise;
    try {
      return read();
    } catch (error) {
      isGone = true;
      findings.add("index-damaged", WHERE, messageOf(error));
      return otherwise;
    }
  }

  const getMark = database.prepare("SELECT size, identity FROM mark");
  const readMark = () => getMark.get() as unknown as { size: number; identity: string } | undefined;
  const mark = readMark() ?? { size: 0, identity: "" };
  for (const row of database.prepare("PRAGMA integrity_check(5)").all()) {
    const said = String(row["integrity_check"]);
    if (said !== "ok") findings.add("index-damaged", WHERE, said);
  }
  const rowsFrom = database.prepare(
    `SELECT position, id, eventKey, runId, frame, "offset", lengthBytes FROM entry LEFT JOIN run USING (run)
     WHERE position >= ? AND position < ? ORDER BY position`,
  );
  // As one text, as a row each takes several times as long and makes two buffers.
  const textFrom = database.prepare(
    `SELECT count(*) AS count, lower(group_concat(hex(id) || hex(eventKey), '')) AS hashes,
       group_concat(runId, char(10)) AS runs
     FROM (
       SELECT id, eventKey, runId FROM entry JOIN run USING (run) WHERE position >= ? AND position < ? ORDER BY position
     )`,
  );
  const hashAt = database.prepare("SELECT 1 FROM hash WHERE stretch = ? AND prefix = ? AND position = ?");
  const hashesOf = database.prepare(
    `SELECT prefix, position FROM hash WHERE stretch = ? AND prefix >= ? AND prefix < ? AND position < ?
     ORDER BY prefix, position`,
  );

  const withPrefix = database.prepare(
    `SELECT position, id, eventKey FROM hash JOIN entry USING (position)
     WHERE stretch = ? AND prefix = ? ORDER BY position`,
  );

  /** Of each hash that its records give: its first 48 bits and its place in the stretch, so that they can be sorted. */
  const expected = new BigUint64Array(2 * STRETCH);
  /** The same, low half first, as every machine that this runs on has it: no bigint is made. */
  const halves = new Uint32Array(expected.buffer);
  let expectedCount = 0;

  function expect(hash: Uint8Array, position: number): void {
    const at = 2 * expectedCount++;
    halves[at] = hash[4]! << 24 | hash[5]! << 16 | position % STRETCH;
    halves[at + 1] = hash[0]! << 24 | hash[1]! << 16 | hash[2]! << 8 | hash[3]!;
  }

  function compareStretch(stretch: number): void {
    const count = expectedCount;
    expectedCount = 0;
    expected.subarray(0, count).sort();
    const prefixAt = (i: number) => halves[2 * i + 1]! * 2 ** 16 + (halves[2 * i]! >>> 16);
    const placeAt = (i: number) => halves[2 * i]! & 0xffff;
    const report = (place: number, isFound: boolean) => {
      const detail = isFound
        ? "the index finds it under a hash that is none of its own"
        : "the index does not find it by its id or event";
      findings.add("index-differs", `${WHERE}, leaf ${stretch * STRETCH + place}`, detail);
    };
    let at = 0;
    for (let part = 0; part < PARTS; part++) {
      const [from, to] = [part * PREFIXES / PARTS, (part + 1) * PREFIXES / PARTS];
      const rows = reading(() => hashesOf.all(stretch, from, to, mark.size), []);
      if (isGone) return;
      for (const { prefix, position } of rows as unknown as { prefix: number; position: number }[]) {
        const place = position - stretch * STRETCH;
        const isBefore = (i: number) =>
          prefixAt(i) < prefix || (prefixAt(i) === prefix && placeAt(i) < place);
        for (; at < count && isBefore(at); at++) report(placeAt(at), false);
        if (at < count && prefixAt(at) === prefix && placeAt(at) === place) at++;
        else report(place, true);
      }
    }
    for (; at < count; at++) report(placeAt(at), false);
  }

  function take(id: Uint8Array | undefined, eventKey: Uint8Array | undefined, position: number): void {
    if (id !== undefined) expect(id, position);
    if (eventKey !== undefined) expect(eventKey, position);
    if ((position + 1) % STRETCH === 0 || position === mark.size - 1) {
      compareStretch(Math.floor(position / STRETCH));
    }
  }

  function compareRow(row: IndexRow, record: DerivedRecord): void {
    const where = `${WHERE}, leaf ${row.position}`;
    if (!equalBytes(row.eventKey, record.eventKey)) {
      findings.add("index-differs", where, "its event key is not the record's");
    }
    if (row.runId !== record.runId) {
      findings.add(
        "index-differs",
        where,
        `its run is ${row.runId ?? "unknown"}, by the record ${record.runId}`,
      );
    }
  }

  /** Events that two entries have: the hashes are right by now, so that they tell. */
  function findRepeated(): void {
    const repeated = reading(
      () => database.prepare("SELECT prefix FROM hash GROUP BY prefix HAVING count(*) > 1 LIMIT 1000").all(),
      [],
    );
    for (const { prefix } of repeated as unknown as { prefix: number }[]) {
      const seen = new Map<string, number>();
      for (let stretch = 0; stretch * STRETCH < mark.size; stretch++) {
        const rows = reading(() => withPrefix.all(stretch, prefix), []);
        for (
          const { position, eventKey } of rows as unknown as { position: number; eventKey: Uint8Array }[]
        ) {
          const first = seen.get(toHex(eventKey));
          if (first === undefined) seen.set(toHex(eventKey), position);
          else if (first !== position) {
            findings.add(
              "event-repeated",
              `leaves ${first} and ${position}`,
              `both have event ${toHex(eventKey)}`,
            );
          }
        }
      }
    }
  }

  /** In one statement, so that whoever appends meanwhile does not matter. */
  function compareRuns(): void {
    const wrong = reading(() =>
      database.prepare(`
        SELECT runId, recordCount, found, firstPosition, first, lastPosition, last
        FROM run LEFT JOIN (
          SELECT run, count(*) AS found, min(position) AS first, max(position) AS last FROM entry GROUP BY run
        ) USING (run)
        WHERE found IS NOT recordCount OR first IS NOT firstPosition OR last IS NOT lastPosition LIMIT 1000`)
        .all(), []);
    for (const { runId, recordCount, found, firstPosition, first, lastPosition, last } of wrong) {
      findings.add(
        "index-differs",
        `${WHERE}, run ${runId}`,
        `it counts ${recordCount} records, leaves ${firstPosition} to ${lastPosition}; there are ${
          found ?? 0
        }, leaves ${first} to ${last}`,
      );
    }
  }

  /** Another process may have thrown the index away and made it anew, which is no damage. */
  function isMadeAnew(): boolean {
    const now = reading(readMark, undefined);
    if (isGone || (now !== undefined && now.size >= mark.size)) return isGone;
    isGone = true;
    notes.push("the index was made anew during the audit, and was not compared");
    return true;
  }

  return {
    size: mark.size,
    identity: mark.identity,
    rows(first, count) {
      const end = Math.min(first + count, mark.size);
      if (first >= end) return new Map();
      const rows = reading(() => rowsFrom.all(first, end) as unknown as IndexRow[], []);
      if (rows.length < end - first && isMadeAnew()) return new Map();
      return new Map(rows.map((row) => [row.position, row]));
    },
    find(id) {
      const hash = fromHex(id, 32);
      if (hash === undefined) return undefined;
      for (let stretch = 0; stretch * STRETCH < mark.size; stretch++) {
        const row = reading(() => withPrefix.all(stretch, prefixOf(hash)), [])
          .find((found) => equalBytes(found["id"] as Uint8Array, hash));
        if (row !== undefined) return row["position"] as number;
      }
      return undefined;
    },
    finds: (id, position) =>
      reading(() => hashAt.get(Math.floor(position / STRETCH), prefixOf(id), position) !== undefined, false),
    compareAll(records, first) {
      const known = records.slice(0, Math.max(0, mark.size - first));
      if (isGone || known.length === 0) return true;
      const { count, hashes, runs } = reading(() => textFrom.get(first, first + known.length), {}) ?? {};
      const flat = new Uint8Array(64 * known.length);
      for (const [i, { id, eventKey }] of known.entries()) {
        flat.set(id, 64 * i);
        flat.set(eventKey, 64 * i + 32);
      }
      const isSame = count === known.length && hashes === flat.toHex() &&
        runs === known.map(({ runId }) => runId).join("\n");
      if (!isSame) return false;
      for (const [i, { id, eventKey }] of known.entries()) take(id, eventKey, first + i);
      return true;
    },
    compare(row, record, position) {
      if (isGone || position >= mark.size) return;
      if (row === undefined) {
        findings.add("index-differs", `${WHERE}, leaf ${position}`, "the index has no entry for it");
      } else if (record !== undefined) compareRow(row, record);
      take(record?.id ?? row?.id, record?.eventKey ?? row?.eventKey, position);
    },
    finish(size) {
      if (size < mark.size && !isMadeAnew()) {
        findings.add(
          "records-lost",
          "log/write-ahead",
          `the index knows ${mark.size} records, the log has ${size} that can be read`,
        );
      }
      const surplus = reading(() =>
        database.prepare(`
          SELECT (SELECT count(*) FROM entry) AS entries, coalesce((SELECT size FROM mark), 0) AS size,
            (SELECT count(*) FROM hash WHERE stretch < 0 OR stretch * ${STRETCH} >= (SELECT size FROM mark)) AS hashes`)
          .get(), undefined) as { entries: number; size: number; hashes: number } | undefined;
      if (surplus !== undefined && (surplus.entries !== surplus.size || surplus.hashes > 0)) {
        findings.add(
          "index-differs",
          WHERE,
          `it holds ${surplus.entries} entries and ${surplus.hashes} hashes behind them, and says ${surplus.size}`,
        );
      }
      compareRuns();
      if (!isGone) findRepeated();
    },
    [Symbol.dispose]: () => database.close(),
  };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
