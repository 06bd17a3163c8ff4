import { toBase64 } from "../core/base64.ts";
import { type CheckpointNote, formatSignatureLine, parseCheckpointNote } from "../core/checkpoint_note.ts";
import { findCosignature } from "../core/cosignature.ts";
import { PotError, type PotErrorOptions, UnreachableError } from "../core/errors.ts";
import type { VerifierKey } from "../core/note_key.ts";
import { redactUrl } from "../core/redact.ts";
import { type HttpAnswer, type HttpFetch, httpRequest } from "../io/http_request.ts";

/** A witness that speaks C2SP tlog-witness. */
export interface Witness {
  /** Its submission prefix, as `parseUrlPrefix` gives it. */
  readonly prefix: string;
  /** Its keys, as `parseWitnessKey` gives them: nothing else it signs with is taken. */
  readonly keys: readonly VerifierKey[];
}

/** A checkpoint for a witness to sign, with the proof that it extends what the witness signed last. */
export interface WitnessRequest {
  /** The size that the witness signed last; 0 for none. */
  readonly oldSize: bigint;
  /** From that size to the checkpoint's (RFC 6962 §2.1.2); empty from 0. */
  readonly path: readonly Uint8Array[];
  /** The checkpoint, signed by the log. */
  readonly note: string;
}

/** What a witness answers. */
export type WitnessAnswer =
  /** It signed, by these keys at these times: they were verified. */
  | { readonly kind: "cosigned"; readonly note: string; readonly by: readonly CosignedBy[] }
  /** It signed that size last: ask again from there. */
  | { readonly kind: "conflict"; readonly size: bigint };

/** Who signed, and when by its clock. */
export interface CosignedBy {
  /** Of the key. */
  readonly name: string;
  /** Unix seconds. */
  readonly time: bigint;
}

/** How to ask. */
export interface AskWitnessOptions {
  /** Sends the request. @default globalThis.fetch */
  readonly fetch?: HttpFetch;
  /** Ends the wait with its reason. */
  readonly signal?: AbortSignal;
}

/** Thrown where a witness looked at a checkpoint and would not sign it. */
export class WitnessRefusedError extends PotError {
  /** Tells it from other errors in printed text. */
  override readonly name: string = "WitnessRefusedError";
  /** The HTTP status it answered with. */
  readonly status: number;

  /** As {@linkcode PotError}'s, with the status. */
  constructor(summary: string, { status, ...options }: PotErrorOptions & { readonly status: number }) {
    super(summary, options);
    this.status = status;
  }
}

const TIMEOUT_MS = 30_000;
/** Room for the answers of a few keys with ML-DSA signatures of 3 kB. */
const MAX_ANSWER_BYTES = 128 * 1024;

/**
 * Asks a witness to sign a checkpoint: one `add-checkpoint` of C2SP tlog-witness. A cosignature that does not verify is never
 * taken, and one of another key is left out.
 *
 * @throws {WitnessRefusedError} when it will not sign
 * @throws {PotError} when what it signed is not this checkpoint, or not signed with one of its keys
 * @throws {UnreachableError} when it could not be asked, or cannot answer now
 */
export async function askWitness(
  witness: Witness,
  request: WitnessRequest,
  options: AskWitnessOptions = {},
): Promise<WitnessAnswer> {
  const url = `${witness.prefix}/add-checkpoint`;
  const answer = await httpRequest(url, {
    ...options,
    method: "POST",
    headers: { "content-type": "text/plain; charset=utf-8" },
    body: formatRequest(request),
    timeoutMs: TIMEOUT_MS,
    maxBytes: MAX_ANSWER_BYTES,
  });
  switch (answer.status) {
    case 200:
      return await readCosignatures(answer, witness, request);
    case 409:
      return { kind: "conflict", size: readSize(answer, witness) };
    case 400:
    case 403:
    case 404:
    case 422:
      throw refused(answer, witness, request);
    default:
      throw new UnreachableError("Cannot tell whether the witness would sign as it did not answer properly", {
        facts: [`witness: ${redactUrl(witness.prefix)}`, `status: ${answer.status}`, ...saying(answer)],
        hint: "check the witness's submission prefix, and try again later",
      });
  }
}

/** Tells a body of `add-checkpoint` (C2SP tlog-witness). */
function formatRequest({ oldSize, path, note }: WitnessRequest): string {
  return `old ${oldSize}\n${path.map((hash) => `${toBase64(hash)}\n`).join("")}\n${note}`;
}

async function readCosignatures(
  answer: HttpAnswer,
  { prefix, keys }: Witness,
  { note }: WitnessRequest,
): Promise<WitnessAnswer> {
  const { text } = parseCheckpointNote(note);
  const facts = [`witness: ${redactUrl(prefix)}`];
  const answered = parseAnswer(text, answer);
  if (answered === undefined) {
    throw new PotError("Cannot take the witness's answer as it is not signature lines", {
      facts: [...facts, ...saying(answer)],
      hint: "check the witness's submission prefix",
    });
  }
  const lines: string[] = [];
  const by: CosignedBy[] = [];
  for (const key of keys) {
    const found = await findCosignature(answered, key);
    if (found.outcome === "absent") continue;
    // A witness must say when it signed.
    if (found.outcome === "invalid" || found.cosignature.time === 0n) {
      throw new PotError("Cannot take the cosignature as the witness did not sign this checkpoint", {
        facts: [...facts, `key: ${key.name}`],
        hint: "nothing was kept; ask the witness's operator what it signs",
      });
    }
    lines.push(formatSignatureLine(found.line));
    by.push({ name: key.name, time: found.cosignature.time });
  }
  if (lines.length > 0) return { kind: "cosigned", note: `${text}\n${lines.join("")}`, by };
  const names = [...new Set(answered.signatures.map(({ name }) => name))].join(", ").slice(0, 200);
  throw new PotError("Cannot take the cosignature as it is by none of the given keys", {
    facts: [...facts, `signed by: ${names}`, `given: ${keys.map(({ name }) => name).join(", ")}`],
    hint: "give --witness-key the key that the witness's operator publishes",
  });
}

/** The answer's lines as signatures over the checkpoint's text, which nothing in the answer may change. */
function parseAnswer(text: string, { bytes, isTooLong }: HttpAnswer): CheckpointNote | undefined {
  if (isTooLong) return undefined;
  try {
    const lines = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    const note = parseCheckpointNote(`${text}\n${lines}`);
    return note.text === text ? note : undefined;
  } catch {
    return undefined;
  }
}

function readSize(answer: HttpAnswer, { prefix }: Witness): bigint {
  const [, digits] = /^(0|[1-9][0-9]{0,18})\n$/.exec(new TextDecoder().decode(answer.bytes)) ?? [];
  const type = answer.headers.get("content-type") ?? "";
  const isSize = /^text\/x\.tlog\.size\s*(?:;|$)/i.test(type);
  if (isSize && digits !== undefined && BigInt(digits) < 1n << 63n) return BigInt(digits);
  throw new UnreachableError("Cannot tell what the witness knows of the log as its answer is not a size", {
    facts: [`witness: ${redactUrl(prefix)}`, `status: ${answer.status}`, ...saying(answer)],
    hint: "check the witness's submission prefix",
  });
}

function refused(
  answer: HttpAnswer,
  { prefix }: Witness,
  { oldSize, note }: WitnessRequest,
): WitnessRefusedError {
  const { origin, size } = parseCheckpointNote(note);
  const { status } = answer;
  const [why, hint] = REFUSALS[status]!;
  const sizes = status === 422 ? [`size the witness signed last: ${oldSize}`] : [];
  return new WitnessRefusedError(`Cannot get the checkpoint cosigned as ${why}`, {
    status,
    facts: [
      `witness: ${redactUrl(prefix)}`,
      `log: ${origin}`,
      ...sizes,
      `size: ${size}`,
      `status: ${status}`,
      ...saying(answer),
    ],
    hint,
  });
}

const REFUSALS: Readonly<Record<number, readonly [why: string, hint: string]>> = {
  400: [
    "the witness calls the request malformed",
    "the witness may speak another version of C2SP tlog-witness: ask its operator",
  ],
  403: [
    "the witness trusts no key that signed it",
    "give the witness's operator the log's keys: pot log keys prints them",
  ],
  404: [
    "the witness does not know the log",
    "ask the witness's operator to add it, with its origin and what pot log keys prints",
  ],
  422: [
    "it does not extend what the witness signed before: this log was rewritten, or another one signs with its key",
    "do not anchor or publish until you know which; compare with a backup, and with what is anchored",
  ],
};

/** The beginning of what it says, for people. */
function saying({ bytes }: HttpAnswer): readonly string[] {
  const text = new TextDecoder().decode(bytes.subarray(0, 200)).replaceAll(/[^\x20-\x7e]+/g, " ").trim();
  return text === "" ? [] : [`it says: ${text}`];
}
