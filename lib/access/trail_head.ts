import { fromBase64, toBase64 } from "../core/base64.ts";
import type { LogKey } from "../core/log_keys.ts";
import { type NoteSigner, parseVerifierKey } from "../core/note_key.ts";

/** The format of `access-head.json`. See docs/formats.md. */
export const TRAIL_HEAD_SCHEMA = "pot-access-head/1";

/** In the home folder, beside the trail. */
export const TRAIL_HEAD_FILE = "access-head.json";

/** How far the trail reached, signed by the log's key. */
export interface TrailHead {
  readonly schema: typeof TRAIL_HEAD_SCHEMA;
  /** Lines. */
  readonly sequence: number;
  /** Hash of the last one. */
  readonly hash: string;
  /** C2SP verifier key of the log's key that signed. */
  readonly verifierKey: string;
  /** Ed25519 over {@linkcode trailHeadText}, base64. */
  readonly signature: string;
}

/** What is signed: no checkpoint of a log, whose second line is a size, can be taken for it, nor it for one. */
export function trailHeadText({ sequence, hash }: Pick<TrailHead, "sequence" | "hash">): string {
  return `${TRAIL_HEAD_SCHEMA}\nlines ${sequence}\nhash ${hash}\n`;
}

/** Signs a head. */
export async function signTrailHead(
  { sequence, hash }: Pick<TrailHead, "sequence" | "hash">,
  signer: NoteSigner,
): Promise<TrailHead> {
  const signature = toBase64(await signer.sign(trailHeadText({ sequence, hash })));
  return { schema: TRAIL_HEAD_SCHEMA, sequence, hash, verifierKey: signer.verifierKey, signature };
}

/** The head in the file's bytes; `undefined` for what is none. Says nothing about who signed. */
export function parseTrailHead(bytes: Uint8Array): TrailHead | undefined {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    return undefined;
  }
  const { schema, sequence, hash, verifierKey, signature } = (value ?? {}) as Readonly<
    Record<string, unknown>
  >;
  const isHead = schema === TRAIL_HEAD_SCHEMA && Number.isSafeInteger(sequence) && (sequence as number) > 0 &&
    typeof hash === "string" && /^[0-9a-f]{64}$/.test(hash) && typeof verifierKey === "string" &&
    typeof signature === "string";
  return isHead ? value as TrailHead : undefined;
}

/** Whether one of these keys of the log signed the head. Never throws. */
export async function verifyTrailHead(
  head: TrailHead,
  keys: readonly Pick<LogKey, "verifierKey">[],
): Promise<boolean> {
  if (!keys.some(({ verifierKey }) => verifierKey === head.verifierKey)) return false;
  try {
    const { publicKey } = parseVerifierKey(head.verifierKey);
    const key = await crypto.subtle.importKey("raw", new Uint8Array(publicKey), "Ed25519", false, ["verify"]);
    const signature = fromBase64(head.signature);
    if (signature === undefined) return false;
    const text = new TextEncoder().encode(trailHeadText(head));
    return await crypto.subtle.verify("Ed25519", key, new Uint8Array(signature), text);
  } catch {
    return false;
  }
}
