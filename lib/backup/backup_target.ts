import { PotError } from "../core/errors.ts";

/**
 * A place that keeps backups: a folder, a bucket. It knows nothing of what it keeps; nothing here tries again, the job does.
 *
 * An implementation MUST:
 * - resolve `put` only once the object is durable, and show it under its name only when it is whole;
 * - never replace an object, also when two write the same name at once: the later one gets an {@linkcode ObjectExistsError};
 * - give back from `read` exactly the bytes that are there, or throw: never quietly fewer.
 */
export interface BackupTarget {
  /** As messages and observations name it; never a URL. */
  readonly name: string;
  /** Every object, in no particular order. */
  list(options?: TargetOptions): Promise<readonly TargetObject[]>;
  /** Writes a new object. */
  put(name: string, content: ObjectContent, options?: TargetOptions): Promise<void>;
  /** An object's bytes in order; keeps few of them in memory. Throws where there is none. */
  read(name: string, options?: TargetOptions): AsyncIterable<Uint8Array>;
  /** Removes an object; nothing happens when there is none. */
  remove(name: string, options?: TargetOptions): Promise<void>;
}

/** What every call takes. */
export interface TargetOptions {
  /** Ends the call. */
  readonly signal?: AbortSignal;
}

/** One object of a target. */
export interface TargetObject {
  /** Without a prefix. */
  readonly name: string;
  /** Its length. */
  readonly sizeBytes: number;
}

/** What is to be written: the same bytes however often they are asked for. */
export interface ObjectContent {
  /** Its length. */
  readonly sizeBytes: number;
  /** Exactly that many bytes from there. */
  readAt(offset: number, lengthBytes: number): Promise<Uint8Array>;
}

/** Thrown where an object of that name is there already; it was left as it is. */
export class ObjectExistsError extends PotError {
  /** Tells it from other errors in printed text. */
  override readonly name: string = "ObjectExistsError";

  /** Names target and object. */
  constructor(target: string, object: string) {
    super("Cannot write the backup as the target has an object of that name already", {
      facts: [`target: ${target}`, `object: ${object}`],
      hint: "make the backup again: the next one has another name",
    });
  }
}

/** Content that is in memory. */
export function contentOf(bytes: Uint8Array): ObjectContent {
  return {
    sizeBytes: bytes.length,
    readAt: (offset, lengthBytes) => Promise.resolve(bytes.subarray(offset, offset + lengthBytes)),
  };
}

const MAX_SMALL_BYTES = 1024 * 1024;

/** A whole object that is small: a note or a mark. */
export async function readSmall(
  target: Pick<BackupTarget, "read">,
  name: string,
  options: TargetOptions = {},
): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let sizeBytes = 0;
  for await (const chunk of target.read(name, options)) {
    sizeBytes += chunk.length;
    if (sizeBytes > MAX_SMALL_BYTES) {
      throw new PotError("Cannot read an object of a backup as it is too long");
    }
    chunks.push(chunk);
  }
  const bytes = new Uint8Array(sizeBytes);
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return bytes;
}
