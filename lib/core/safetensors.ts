import { PotError, UsageError } from "./errors.ts";
import { parseJson } from "./parse_json.ts";
import type { TensorInfo } from "./record.ts";

/** Largest header, as the format's reference implementation sets it. */
export const MAX_SAFETENSORS_HEADER_BYTES = 100_000_000;

/** The format's name in a record's `artifact.format`. */
export const SAFETENSORS_FORMAT = "safetensors";

const LENGTH_BYTES = 8;
const METADATA_KEY = "__metadata__";
// {header}{tensor}[shape], and room for what a later version of the format may add.
const MAX_DEPTH = 8;
const MAX_DIMENSIONS = 64;

/** Bits an element takes, by the name of its type. */
const DTYPE_BITS: ReadonlyMap<string, number> = new Map(
  Object.entries({
    4: ["F4"],
    6: ["F6_E2M3", "F6_E3M2"],
    8: ["BOOL", "U8", "I8", "F8_E5M2", "F8_E4M3", "F8_E8M0", "F8_E4M3FNUZ", "F8_E5M2FNUZ"],
    16: ["I16", "U16", "F16", "BF16"],
    32: ["I32", "U32", "F32"],
    64: ["C64", "F64", "I64", "U64"],
  }).flatMap(([bits, names]) => names.map((name): [string, number] => [name, Number(bits)])),
);

/** A tensor of 32-bit floats with its name; `values` in row-major order. */
export interface Float32Tensor {
  readonly name: string;
  /** Elements along each dimension; empty for a scalar. */
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

/** A tensor as a safetensors header describes it. */
export interface SafetensorsTensor extends TensorInfo {
  /** First byte and one past the last, counted from the first byte after the header. */
  readonly dataOffsets: readonly [number, number];
}

/** What a safetensors header says, checked. */
export interface SafetensorsHeader {
  /** In the order of their bytes. */
  readonly tensors: readonly SafetensorsTensor[];
  /** Elements in all tensors together. */
  readonly parameterCount: number;
  /** The free text of `__metadata__`; empty when there is none. */
  readonly metadata: Readonly<Record<string, string>>;
  /** Where the tensors' bytes begin in the file. */
  readonly dataStart: number;
}

/**
 * The tensors as a safetensors file: an 8-byte little-endian header length, a JSON header padded with spaces to a
 * multiple of 8, then the values as little-endian F32. Tensors and metadata are sorted by name, so the same values
 * give the same bytes whatever order they are handed in.
 *
 * Format: https://github.com/huggingface/safetensors#format
 *
 * @throws {UsageError} when a name is taken twice, reserved or not Unicode text, when a shape is not whole numbers or
 * does not fit the values, or when the header would be too large
 */
export function encodeSafetensors(
  tensors: readonly Float32Tensor[],
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array {
  const sorted = [...tensors].sort((a, b) => a.name < b.name ? -1 : a.name > b.name ? 1 : 0);
  const members: string[] = [];
  const metadataMembers = Object.keys(metadata).sort().map((key) => member(key, metadata[key]));
  if (metadataMembers.length > 0) members.push(`"${METADATA_KEY}":{${metadataMembers.join(",")}}`);

  let offset = 0;
  for (const [i, { name, shape, values }] of sorted.entries()) {
    if (name === METADATA_KEY) throw cannotEncode(`the tensor name ${METADATA_KEY} is reserved`);
    if (name === sorted[i + 1]?.name) throw cannotEncode(`two tensors are named ${quote(name)}`);
    if (!shape.every(isCount) || product(shape) !== values.length) {
      throw cannotEncode(`the shape of ${quote(name)} does not fit its values`, [
        `shape: [${shape.join(", ")}]`,
        `values: ${values.length}`,
      ]);
    }
    const end = offset + values.length * Float32Array.BYTES_PER_ELEMENT;
    members.push(member(name, { dtype: "F32", shape, data_offsets: [offset, end] }));
    offset = end;
  }

  const header = new TextEncoder().encode(`{${members.join(",")}}`);
  const headerBytes = Math.ceil(header.length / LENGTH_BYTES) * LENGTH_BYTES;
  if (headerBytes > MAX_SAFETENSORS_HEADER_BYTES) {
    throw cannotEncode(`the header is larger than ${MAX_SAFETENSORS_HEADER_BYTES} bytes`);
  }

  const dataStart = LENGTH_BYTES + headerBytes;
  const bytes = new Uint8Array(dataStart + offset);
  const view = new DataView(bytes.buffer);
  view.setBigUint64(0, BigInt(headerBytes), true);
  bytes.set(header, LENGTH_BYTES);
  bytes.fill(0x20, LENGTH_BYTES + header.length, dataStart);
  let at = dataStart;
  for (const { values } of sorted) {
    for (const value of values) {
      view.setFloat32(at, value, true);
      at += Float32Array.BYTES_PER_ELEMENT;
    }
  }
  return bytes;
}

/**
 * Reads a safetensors header and checks all of it against the file's size. Any dtype of the format is accepted; unknown
 * fields of a tensor are ignored, as the reference implementation does.
 *
 * @param bytes the whole file, or only its start as long as the header is in it
 * @param options.sizeBytes the file's size, where `bytes` is only its start. @default bytes.length
 * @throws {PotError} naming what is wrong: too short, header too large or cut off, not UTF-8, not JSON, a name that
 * stands twice, an unknown dtype, a shape that does not fit the bytes, tensors that overlap, leave a hole, or end
 * before or after the file does
 */
export function parseSafetensorsHeader(
  bytes: Uint8Array,
  { sizeBytes = bytes.length }: { readonly sizeBytes?: number } = {},
): SafetensorsHeader {
  const { text, dataStart } = readHeaderText(bytes);
  const fields = parseJson(text, {
    maxBytes: MAX_SAFETENSORS_HEADER_BYTES,
    maxDepth: MAX_DEPTH,
    subject: "the safetensors header",
  }) as Readonly<Record<string, unknown>>;

  const tensors: SafetensorsTensor[] = [];
  let metadata: Readonly<Record<string, string>> = {};
  for (const [name, value] of Object.entries(fields)) {
    if (name === METADATA_KEY) metadata = readMetadata(value);
    else tensors.push(readTensor(name, value));
  }
  tensors.sort((a, b) => a.dataOffsets[0] - b.dataOffsets[0] || a.dataOffsets[1] - b.dataOffsets[1]);
  checkCoverage(tensors, sizeBytes - dataStart);

  const parameterCount = tensors.reduce((sum, { shape }) => sum + product(shape), 0);
  return { tensors, parameterCount, metadata, dataStart };
}

function readHeaderText(bytes: Uint8Array): { readonly text: string; readonly dataStart: number } {
  if (bytes.length < LENGTH_BYTES) {
    throw cannotRead("the file is shorter than its 8-byte header length", [`size: ${bytes.length} bytes`]);
  }
  const length = new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true);
  if (length > BigInt(MAX_SAFETENSORS_HEADER_BYTES)) {
    throw cannotRead(`the header is larger than ${MAX_SAFETENSORS_HEADER_BYTES} bytes`, [
      `header length: ${length} bytes`,
    ]);
  }
  const dataStart = LENGTH_BYTES + Number(length);
  if (dataStart > bytes.length) {
    throw cannotRead("the header is cut off", [
      `header length: ${length} bytes`,
      `bytes after the length: ${bytes.length - LENGTH_BYTES}`,
    ]);
  }
  // "The header data MUST begin with a { character".
  if (bytes[LENGTH_BYTES] !== 0x7b || length === 0n) throw cannotRead("the header does not begin with {");
  try {
    const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
    return { text: decoder.decode(bytes.subarray(LENGTH_BYTES, dataStart)), dataStart };
  } catch (cause) {
    throw cannotRead("the header is not UTF-8", [], cause);
  }
}

function readMetadata(value: unknown): Readonly<Record<string, string>> {
  if (!isObject(value) || !Object.values(value).every((text) => typeof text === "string")) {
    throw cannotRead(`${METADATA_KEY} is not an object of strings`);
  }
  return value as Readonly<Record<string, string>>;
}

function readTensor(name: string, value: unknown): SafetensorsTensor {
  if (!isObject(value)) throw cannotRead(`tensor ${quote(name)} is not an object`);
  const { dtype, shape, data_offsets: offsets } = value;
  const bits = typeof dtype === "string" ? DTYPE_BITS.get(dtype) : undefined;
  if (typeof dtype !== "string" || bits === undefined) {
    const shown = typeof dtype === "string" ? quote(dtype) : typeof dtype;
    throw cannotRead(`tensor ${quote(name)} has an unknown dtype`, [
      `dtype: ${shown}`,
      `known: ${[...DTYPE_BITS.keys()].join(", ")}`,
    ]);
  }
  if (!Array.isArray(shape) || shape.length > MAX_DIMENSIONS || !shape.every(isCount)) {
    throw cannotRead(`tensor ${quote(name)} has a shape that is not a list of whole numbers`);
  }
  const [begin, end]: readonly unknown[] = Array.isArray(offsets) && offsets.length === 2 ? offsets : [];
  if (!isCount(begin) || !isCount(end) || begin > end) {
    throw cannotRead(`tensor ${quote(name)} has data_offsets that are not a begin and an end`);
  }
  const byteCount = product(shape) * bits / 8;
  // A product past 2^53 is inexact, but then it is also past every real file.
  if (end - begin !== byteCount) {
    throw cannotRead(`the shape of tensor ${quote(name)} does not fit its bytes`, [
      `shape × dtype: [${shape.join(", ")}] × ${dtype} = ${byteCount} bytes`,
      `data_offsets: ${begin} to ${end} = ${end - begin} bytes`,
    ]);
  }
  return { name, dtype, shape, dataOffsets: [begin, end] };
}

/** "The byte buffer needs to be entirely indexed, and cannot contain holes." Expects them sorted by offset. */
function checkCoverage(tensors: readonly SafetensorsTensor[], dataBytes: number): void {
  let covered = 0;
  for (const { name, dataOffsets: [begin, end] } of tensors) {
    if (begin !== covered) {
      throw cannotRead(
        begin < covered
          ? `tensor ${quote(name)} overlaps the one before it`
          : `there is a hole before tensor ${quote(name)}`,
        [`begins at: ${begin}`, `bytes before it end at: ${covered}`],
      );
    }
    covered = end;
  }
  if (covered !== dataBytes) {
    throw cannotRead(
      covered > dataBytes ? "the file is shorter than its tensors" : "bytes follow the last tensor",
      [`tensors: ${covered} bytes`, `file after the header: ${dataBytes} bytes`],
    );
  }
}

function member(key: string, value: unknown): string {
  // JSON.stringify would escape a lone surrogate, which other readers refuse.
  if (!key.isWellFormed() || (typeof value === "string" && !value.isWellFormed())) {
    throw cannotEncode(`${quote(key)} has a lone surrogate, which no Unicode text has`);
  }
  return `${JSON.stringify(key)}:${JSON.stringify(value)}`;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function product(shape: readonly number[]): number {
  return shape.reduce((total, size) => total * size, 1);
}

function quote(name: string): string {
  return JSON.stringify(name.length > 80 ? `${name.slice(0, 80)}…` : name);
}

function cannotEncode(reason: string, facts: readonly string[] = []): UsageError {
  return new UsageError(`Cannot write a safetensors file as ${reason}`, { facts });
}

function cannotRead(reason: string, facts: readonly string[] = [], cause?: unknown): PotError {
  return new PotError(`Cannot read the safetensors file as ${reason}`, {
    facts,
    hint: "check that the file is a whole .safetensors file, and copy it again if it is not",
    ...(cause === undefined ? {} : { cause }),
  });
}
