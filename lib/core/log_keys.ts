import { PotError, type PotErrorOptions, UsageError } from "./errors.ts";
import { isHandOver } from "./hand_over.ts";
import { parseVerifierKey } from "./note_key.ts";
import { parseJson } from "./parse_json.ts";

/** The format of the exported set. See docs/formats.md. */
export const LOG_KEYS_SCHEMA = "pot-log-keys/1";

/** A key that signs, or once signed, for a log, and the sizes that it may vouch for. */
export interface LogKey {
  /** C2SP verifier key. */
  readonly verifierKey: string;
  /** The first size it may sign: where the key before it handed over, 0 for the first. */
  readonly from: bigint;
  /** The last size it may sign: where it handed over. Absent for the key in force. */
  readonly to?: bigint;
  /** The checkpoint over `from` that names this key, signed by it and by the one before it. Absent for the first. */
  readonly handOver?: string;
}

/** A key of the set before its end is known: the next one's beginning. */
export type LogKeyStart = Omit<LogKey, "to">;

const MAX_BYTES = 4 * 1024 * 1024;
const MAX_KEYS = 1_000;

/** Whether that key may vouch for a checkpoint of that size. A retired key may be stolen: what it signs later is worth nothing. */
export function mayVouchFor({ from, to }: Pick<LogKey, "from" | "to">, size: bigint): boolean {
  return from <= size && (to === undefined || size <= to);
}

/**
 * Each key with the size it ends at, oldest first.
 *
 * @throws {PotError} when they do not follow on each other: another name, a key twice, sizes that go back
 */
export function chainLogKeys(starts: readonly LogKeyStart[]): readonly LogKey[] {
  const [first] = starts;
  if (first === undefined) throw refusal("it holds no key");
  const name = parseVerifierKey(first.verifierKey).name;
  const seen = new Set<string>();
  for (const [i, { verifierKey, from, handOver }] of starts.entries()) {
    const at = `key ${i + 1}`;
    if (parseVerifierKey(verifierKey).name !== name) throw refusal(`${at} is another log's`);
    if (seen.has(verifierKey)) throw refusal(`${at} stands in it twice`);
    seen.add(verifierKey);
    if ((i === 0) !== (handOver === undefined)) {
      throw refusal(i === 0 ? "its first key was handed over to" : `${at} has no hand-over`);
    }
    if (i === 0 ? from !== 0n : from < starts[i - 1]!.from || from === 0n) {
      throw refusal(`${at} begins at a size that does not follow`);
    }
  }
  return starts.map(({ verifierKey, from, handOver }, i) => {
    const next = starts[i + 1];
    return {
      verifierKey,
      from,
      ...(next === undefined ? {} : { to: next.from }),
      ...(handOver === undefined ? {} : { handOver }),
    };
  });
}

/**
 * Reads an exported set of log keys (`pot log keys --json`) and checks every hand-over in it: the old key must have signed
 * the new one's name. So whoever trusts the first key can trust the last.
 *
 * @throws {PotError} when it is malformed or a hand-over does not hold (exit code 1)
 * @throws {UsageError} when the format's version is not known
 *
 * @example
 * ```ts
 * import { parseLogKeys, parseProof, type Verdict, verifyProof } from "@pot/ops";
 * async function check(proof: string, publishedKeys: string): Promise<Verdict> {
 *   return await verifyProof(parseProof(proof), { logKeys: await parseLogKeys(publishedKeys) });
 * }
 * console.log(check.name);
 * ```
 */
export async function parseLogKeys(json: string): Promise<readonly LogKey[]> {
  const value = parseJson(json, { subject: "the log keys", maxBytes: MAX_BYTES, maxDepth: 8 });
  const { schema } = (value ?? {}) as { readonly schema?: unknown };
  if (schema !== LOG_KEYS_SCHEMA) {
    const shown = { facts: [`schema: ${String(JSON.stringify(schema)).slice(0, 80)}`] };
    if (typeof schema !== "string" || !schema.startsWith("pot-log-keys/")) {
      throw refusal("it is no set of log keys", { ...shown, hint: "write one with: pot log keys --json" });
    }
    throw new UsageError("Cannot read the log keys as their format version is not known", shown);
  }
  const { origin, keys } = fieldsOf(value, ["schema", "origin", "keys"]);
  if (!Array.isArray(keys) || keys.length > MAX_KEYS) {
    throw refusal(`keys is not a list of at most ${MAX_KEYS}`);
  }
  const given = keys.map((key, i) => parseKey(key, `key ${i + 1}`));
  const chained = chainLogKeys(given);
  if (parseVerifierKey(chained[0]!.verifierKey).name !== origin) throw refusal("its origin is not its keys'");
  for (const [i, key] of chained.entries()) {
    if (key.to !== given[i]!.to) throw refusal(`key ${i + 1} does not end where the next one begins`);
  }
  await requireHandOvers(chained);
  return chained;
}

/** The exported set as a JSON value, sizes as decimal strings. The inverse of {@linkcode parseLogKeys}. */
export function formatLogKeys(keys: readonly LogKey[]): unknown {
  return {
    schema: LOG_KEYS_SCHEMA,
    origin: parseVerifierKey(keys[0]!.verifierKey).name,
    keys: keys.map(({ verifierKey, from, to, handOver }) => ({
      verifierKey,
      from: String(from),
      ...(to === undefined ? {} : { to: String(to) }),
      ...(handOver === undefined ? {} : { handOver }),
    })),
  };
}

/**
 * Reads one key of the set from a JSON object's fields.
 *
 * @throws {PotError} naming `at`
 */
export function parseKeyStart(value: Readonly<Record<string, unknown>>, at: string): LogKeyStart {
  const { verifierKey, from, handOver } = value;
  if (typeof verifierKey !== "string") throw refusal(`${at} has no verifierKey`);
  try {
    parseVerifierKey(verifierKey);
  } catch (cause) {
    throw refusal(`${at} is no verifier key`, { cause });
  }
  if (handOver !== undefined && typeof handOver !== "string") {
    throw refusal(`${at} has no text as its handOver`);
  }
  return { verifierKey, from: sizeOf(from, at), ...(handOver === undefined ? {} : { handOver }) };
}

/** @throws {PotError} for the first hand-over that its two keys did not sign */
export async function requireHandOvers(keys: readonly LogKey[]): Promise<void> {
  for (const [i, { verifierKey, from, handOver }] of keys.entries()) {
    const before = keys[i - 1];
    if (before === undefined) continue;
    if (await isHandOver(handOver!, { from: before.verifierKey, to: verifierKey, size: from })) continue;
    throw refusal(`key ${i} did not hand over to key ${i + 1}`, {
      hint: "get the set from the log's owner again",
    });
  }
}

function parseKey(value: unknown, at: string): LogKey {
  const fields = fieldsOf(value, ["verifierKey", "from", "to", "handOver"], at);
  const start = parseKeyStart(fields, at);
  return fields["to"] === undefined ? start : { ...start, to: sizeOf(fields["to"], at) };
}

function sizeOf(value: unknown, at: string): bigint {
  const size = typeof value === "string" && /^(?:0|[1-9][0-9]{0,18})$/.test(value)
    ? BigInt(value)
    : undefined;
  if (size !== undefined && size < 1n << 63n) return size;
  throw refusal(`${at} has a size that is not a decimal string below 2^63`);
}

function fieldsOf(value: unknown, known: readonly string[], at = "it"): Readonly<Record<string, unknown>> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw refusal(`${at} is no object`);
  }
  const surplus = Object.keys(value).find((name) => !known.includes(name));
  if (surplus === undefined) return value as Readonly<Record<string, unknown>>;
  throw refusal(`${at} has the unknown field ${JSON.stringify(surplus.slice(0, 80))}`);
}

function refusal(reason: string, options: PotErrorOptions = {}): PotError {
  return new PotError(`Cannot read the log keys as ${reason}`, options);
}
