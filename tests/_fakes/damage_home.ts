import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { signCheckpointNote } from "../../lib/core/checkpoint_note.ts";
import { encodeRecord } from "../../lib/core/encode_record.ts";
import { signHandOver } from "../../lib/core/hand_over.ts";
import { generateNoteKey, importNoteSigner } from "../../lib/core/note_key.ts";
import { parseRecord } from "../../lib/core/parse_record.ts";
import type { TrainingRecord } from "../../lib/core/record.ts";
import { encodeFrame } from "../../lib/io/write_ahead_frame.ts";
import type { AuditCode } from "../../lib/log/audit_codes.ts";
import { decodeBundle, encodeBundle } from "../../lib/log/entry_bundle.ts";
import type { EventIdentity } from "../../lib/log/log_state.ts";
import { identifyRecord } from "../../lib/runtime/open_log.ts";
import {
  audit,
  type AuditOptions,
  copyHome,
  namedIn,
  openAuditedLog,
  ORIGIN,
  signerKey,
  verifierKey,
} from "./audited_home.ts";

/** What is done to a home, and the mismatch that must be named. */
export interface Damage {
  readonly name: string;
  readonly code: AuditCode;
  /** Must be in a finding of that code: where, and what. */
  readonly says: RegExp;
  readonly damage: (home: string) => Promise<AuditOptions | void>;
  /** Other codes that follow from the same damage. @default none */
  readonly also?: readonly AuditCode[];
}

/** A test for each: the mismatch is named, and nothing but what follows from it. */
export function testDamages(original: () => string, damages: readonly Damage[]): void {
  for (const { name, code, says, damage, also = [] } of damages) {
    Deno.test(`auditLog() names it: ${name}`, async () => {
      await using copy = await copyHome(original());
      const options = await damage(copy.home) ?? {};
      const report = await audit(copy.home, options);
      const named = namedIn(report);
      assert.equal(report.outcome, "mismatch");
      const ofCode = named.filter((line) => line.startsWith(`${code} |`));
      assert.ok(ofCode.some((line) => says.test(line)), `no ${code} that says ${says}:\n${named.join("\n")}`);
      const expected = new Set<string>([code, ...also]);
      const others = named.filter((line) => !expected.has(line.split(" | ")[0]!));
      assert.deepEqual(others, [], "more than what was done");
      for (const { meaning, advice } of report.findings) assert.ok(meaning !== "" && advice !== "");
    });
  }
}

export function flipped(bytes: Uint8Array, at: number): Uint8Array {
  return bytes.with(at, bytes[at]! ^ 0x01);
}

/** Another sound record in a record's place. */
export function altered(bytes: Uint8Array): Uint8Array {
  return encodeRecord({ ...parseRecord(bytes), metrics: { loss: 0.000_1 } });
}

export async function changeFile(path: string, change: (bytes: Uint8Array) => Uint8Array): Promise<void> {
  await Deno.writeFile(path, change(await Deno.readFile(path)));
}

export async function changeText(path: string, change: (text: string) => string): Promise<void> {
  const text = await Deno.readTextFile(path);
  assert.notEqual(change(text), text);
  await Deno.writeTextFile(path, change(text));
}

export async function readLines(path: string): Promise<string[]> {
  return (await Deno.readTextFile(path)).trimEnd().split("\n");
}

export async function writeLines(path: string, lines: readonly string[]): Promise<void> {
  await Deno.writeTextFile(path, `${lines.join("\n")}\n`);
}

export async function changeLines(
  path: string,
  change: (lines: string[]) => readonly string[],
): Promise<void> {
  await writeLines(path, change(await readLines(path)));
}

export function withField(
  lines: readonly string[],
  at: number,
  name: string,
  value: string,
): readonly string[] {
  return lines.with(at, JSON.stringify({ ...JSON.parse(lines[at]!), [name]: value }));
}

export async function changeBundle(
  home: string,
  name: string,
  change: (entries: readonly Uint8Array[]) => readonly Uint8Array[],
): Promise<void> {
  await changeFile(
    `${home}/log/tile/entries/${name}`,
    (bytes) => encodeBundle(change(decodeBundle(bytes)!.map((entry) => entry.bytes))),
  );
}

/** Changes a record of the write-ahead file, whose first is number 300, and makes the checksums fit again. */
export async function changeTail(
  home: string,
  position: number,
  change: (bytes: Uint8Array) => Uint8Array,
): Promise<void> {
  await changeFile(`${home}/log/write-ahead`, (bytes) => {
    const frames: Uint8Array[] = [];
    let next = 300;
    for (let at = 0; at < bytes.length;) {
      const length = new DataView(bytes.buffer, at + 4).getUint32(0);
      const payload = bytes.subarray(at + 16, at + 16 + length);
      at += 16 + length;
      if (frames.length === 0) {
        frames.push(encodeFrame(payload));
        continue;
      }
      const entries = decodeBundle(payload)!.map((entry) => entry.bytes);
      frames.push(
        encodeFrame(encodeBundle(entries.map((entry, i) => next + i === position ? change(entry) : entry))),
      );
      next += entries.length;
    }
    return new Uint8Array(frames.flatMap((frame) => [...frame]));
  });
}

export function changeIndex(home: string, statement: string): Promise<void> {
  const database = new DatabaseSync(`${home}/log/index.sqlite`);
  database.exec(statement);
  database.close();
  return Promise.resolve();
}

/** Signs an anchor's note again, with a key that nobody knows. */
export async function changeNote(home: string, line: number): Promise<void> {
  const signer = await importNoteSigner((await generateNoteKey(ORIGIN)).signerKey);
  const lines = await readLines(`${home}/anchors.jsonl`);
  const anchor = JSON.parse(lines[line]!);
  const head = { origin: ORIGIN, size: BigInt(anchor.size), root: Uint8Array.fromHex(anchor.root) };
  const note = await signCheckpointNote(head, signer);
  await writeLines(`${home}/anchors.jsonl`, withField(lines, line, "note", note));
}

/** The keys of a log that handed over at a size that it had. */
export async function handedOver(home: string, nextSignerKey: string, size: bigint) {
  const [from, to] = await Promise.all([importNoteSigner(signerKey), importNoteSigner(nextSignerKey)]);
  await using log = await openAuditedLog(`${home}/log`);
  const { root } = await log.headAt(size);
  const handOver = await signHandOver({ origin: ORIGIN, size, root }, { from, to });
  return [
    { verifierKey, from: 0n, to: size },
    { verifierKey: to.verifierKey, from: size, handOver },
  ];
}

/** Replaces the log by one with another history from that record on, signed by the same key. */
export async function rewriteHistory(home: string, from: number | undefined, size = 400): Promise<void> {
  const records: Uint8Array[] = [];
  {
    await using log = await openAuditedLog(`${home}/log`);
    for await (const bytes of log.entries(0n, BigInt(size))) records.push(bytes);
  }
  await Deno.remove(`${home}/log`, { recursive: true });
  await using log = await openAuditedLog(`${home}/log`);
  for (const [i, bytes] of records.entries()) {
    const { previous: _, ...record } = parseRecord(bytes);
    const changed: TrainingRecord = i === from ? { ...record, metrics: { loss: 0 } } : record;
    await log.append({
      ...identifyRecord(encodeRecord(changed)),
      build: (previous) => encodeRecord({ ...changed, ...(previous === undefined ? {} : { previous }) }),
    });
    if (i + 1 === 300 || i + 1 === 380) await log.checkpoint();
  }
}

/** Appends an entry as no recorder would. */
export async function appendRaw(
  home: string,
  make: (newest: TrainingRecord) => Uint8Array,
  eventKey?: Uint8Array,
): Promise<void> {
  await using log = await openAuditedLog(`${home}/log`);
  const newest = parseRecord((await log.entry(399n))!);
  const bytes = make(newest);
  let identity: EventIdentity = { runId: newest.runId, eventKey: crypto.getRandomValues(new Uint8Array(32)) };
  try {
    identity = identifyRecord(bytes);
  } catch {
    // No record: any key will do.
  }
  await log.append({ ...identity, ...(eventKey && { eventKey }), build: () => bytes });
}
