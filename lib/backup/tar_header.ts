/** Header and content of a tar archive come in blocks of this size (POSIX.1-1988, ustar). */
export const TAR_BLOCK_BYTES = 512;

/** What a header says. */
export interface TarEntry {
  readonly path: string;
  readonly sizeBytes: number;
}

const encoder = new TextEncoder();
/** From here on the size does not fit into eleven octal digits, and is written as GNU tar does: 0x80, then big-endian. */
const OCTAL_LIMIT = 8 ** 11;

/** The ustar header of a plain file that only its owner may read. The path is ASCII, and at most 240 characters long. */
export function encodeTarHeader(
  { path, sizeBytes }: TarEntry,
  { mtimeSeconds }: { readonly mtimeSeconds: number },
): Uint8Array {
  const header = new Uint8Array(TAR_BLOCK_BYTES);
  const [prefix, name] = splitPath(path);
  const put = (offset: number, text: string) => header.set(encoder.encode(text), offset);
  const octal = (value: number, digits: number) => value.toString(8).padStart(digits, "0");
  put(0, name);
  put(100, "0000600\0");
  put(108, "0000000\0");
  put(116, "0000000\0");
  if (sizeBytes < OCTAL_LIMIT) put(124, `${octal(sizeBytes, 11)}\0`);
  else {
    header[124] = 0x80;
    new DataView(header.buffer).setBigUint64(128, BigInt(sizeBytes));
  }
  put(136, `${octal(mtimeSeconds, 11)}\0`);
  put(148, "        ");
  put(156, "0");
  put(257, "ustar\0" + "00");
  put(345, prefix);
  put(148, `${octal(header.reduce((sum, byte) => sum + byte, 0), 6)}\0 `);
  return header;
}

/**
 * Reads the header of a plain file back; `"end"` for the block of zeros that ends an archive, `undefined` for anything else,
 * folders and links included: an archive of ours has none.
 */
export function decodeTarHeader(header: Uint8Array): TarEntry | "end" | undefined {
  if (header.length !== TAR_BLOCK_BYTES) return undefined;
  if (header.every((byte) => byte === 0)) return "end";
  const unsummed = header.slice().fill(0x20, 148, 156);
  const sum = parseOctal(header.subarray(148, 156));
  if (sum !== unsummed.reduce((total, byte) => total + byte, 0)) return undefined;
  if (text(header.subarray(257, 263)) !== "ustar" || header[156] !== 0x30) return undefined;
  const sizeBytes = header[124] === 0x80
    ? Number(new DataView(header.buffer, header.byteOffset).getBigUint64(128))
    : parseOctal(header.subarray(124, 136));
  if (sizeBytes === undefined || !Number.isSafeInteger(sizeBytes)) return undefined;
  const prefix = text(header.subarray(345, 500));
  const name = text(header.subarray(0, 100));
  return { path: prefix === "" ? name : `${prefix}/${name}`, sizeBytes };
}

/** The name takes 100 bytes, what is before a slash 155 more. */
function splitPath(path: string): readonly [prefix: string, name: string] {
  if (path.length <= 100) return ["", path];
  const at = path.indexOf("/", path.length - 101);
  if (at < 1 || at > 155) throw new RangeError(`A tar archive cannot hold the path ${JSON.stringify(path)}`);
  return [path.slice(0, at), path.slice(at + 1)];
}

function parseOctal(bytes: Uint8Array): number | undefined {
  const digits = text(bytes).trim();
  return /^[0-7]{1,12}$/.test(digits) ? parseInt(digits, 8) : undefined;
}

function text(bytes: Uint8Array): string {
  const end = bytes.indexOf(0);
  return new TextDecoder("latin1").decode(end === -1 ? bytes : bytes.subarray(0, end));
}
