/** The longest entry that the format's 16-bit length prefix can express. */
export const MAX_ENTRY_BYTES = 0xffff;

const PREFIX_BYTES = 2;

/** One entry of a bundle. */
export interface BundleEntry {
  readonly bytes: Uint8Array;
  /** Offset of its first byte in the bundle. */
  readonly offset: number;
}

/** Entries one after the other, each behind its length as a big-endian u16 (C2SP tlog-tiles, log entries). */
export function encodeBundle(entries: readonly Uint8Array[]): Uint8Array {
  const bundle = new Uint8Array(entries.reduce((sum, { length }) => sum + PREFIX_BYTES + length, 0));
  const view = new DataView(bundle.buffer);
  let at = 0;
  for (const entry of entries) {
    if (entry.length > MAX_ENTRY_BYTES) {
      throw new RangeError(`An entry is at most ${MAX_ENTRY_BYTES} bytes long`);
    }
    view.setUint16(at, entry.length);
    bundle.set(entry, at + PREFIX_BYTES);
    at += PREFIX_BYTES + entry.length;
  }
  return bundle;
}

/** The entries of a bundle, or `undefined` where its last entry is cut short. They share the bundle's memory. */
export function decodeBundle(bundle: Uint8Array): readonly BundleEntry[] | undefined {
  const view = new DataView(bundle.buffer, bundle.byteOffset, bundle.byteLength);
  const entries: BundleEntry[] = [];
  for (let at = 0; at < bundle.length;) {
    if (at + PREFIX_BYTES > bundle.length) return undefined;
    const offset = at + PREFIX_BYTES;
    const end = offset + view.getUint16(at);
    if (end > bundle.length) return undefined;
    entries.push({ bytes: bundle.subarray(offset, end), offset });
    at = end;
  }
  return entries;
}
