/**
 * Small documents that a daemon keeps between its lives: what its jobs did, which alerts are open. In files of the home
 * folder, or in the database that replicas share.
 *
 * An implementation MUST:
 * - resolve `write` only once the document survives a power cut, and replace it as a whole: a reader sees the old one or
 *   the new one;
 * - refuse a write whose `version` is not that of the document as it is, whoever wrote meanwhile: a replica that believes
 *   itself in charge and is not must never overwrite what its successor did.
 */
export interface StateStore {
  /** The document of that name (lowercase letters, digits and `-`), or `undefined` where there is none. */
  read(name: string, options?: { readonly signal?: AbortSignal }): Promise<StateDocument | undefined>;
  /**
   * Writes a document in place of the one with that version; `undefined` where there was none.
   *
   * @returns the new version
   * @throws {StateConflictError} when it is another version by now; nothing was written then
   */
  write(
    name: string,
    bytes: Uint8Array,
    options: { readonly version: string | undefined; readonly signal?: AbortSignal },
  ): Promise<string>;
}

/** A document, and the version that replacing it names. */
export interface StateDocument {
  /** Its content. */
  readonly bytes: Uint8Array;
  /** Opaque; another one after every write. */
  readonly version: string;
}

/**
 * The name as it is.
 *
 * @throws {TypeError} for one that a store does not take: lowercase letters, digits and `-`, at most 64
 */
export function checkStateName(name: string): string {
  if (/^[a-z0-9][a-z0-9-]{0,63}$/.test(name)) return name;
  throw new TypeError(`Cannot keep a document under the name ${JSON.stringify(name.slice(0, 80))}`);
}
