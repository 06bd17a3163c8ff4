import { basename } from "node:path";
import { PotError, UsageError } from "../core/errors.ts";
import { detectModelFormat, MODEL_FORMAT_BYTES } from "../core/model_format.ts";
import type { Artifact } from "../core/record.ts";
import {
  MAX_SAFETENSORS_HEADER_BYTES,
  parseSafetensorsHeader,
  SAFETENSORS_FORMAT,
} from "../core/safetensors.ts";
import { describeTensors, type FileTensors } from "../core/tensor_list.ts";
import { showPath } from "./digest_error.ts";
import { readFileStart } from "./read_file_start.ts";

/** Largest header that is read: about 100 000 tensors. Parsing takes some twenty times as much memory. */
const MAX_HEADER_BYTES = 16 * 1024 * 1024;

/** What a record is to say of the model beside its digest. */
export interface DescribeModelOptions {
  /** List the tensors of safetensors files. @default false */
  readonly tensors?: boolean;
  /** The format's name; `auto` looks at the files' first bytes. @default `safetensors` with `tensors`, else none */
  readonly format?: string;
}

/** A file of the model. */
export interface ModelFile {
  /** Where to read it. */
  readonly path: string;
  /** Relative to the folder, or its own name. */
  readonly name: string;
}

export interface ModelDescription {
  readonly fields: Pick<Artifact, "format" | "tensors" | "tensorsDigest" | "tensorCount" | "parameterCount">;
  /** To be kept by its digest. */
  readonly document?: Uint8Array;
  /** Path to fingerprint of each file that was looked into: the bytes that are hashed must be those of the same file. */
  readonly seen: ReadonlyMap<string, string>;
}

/**
 * Looks into model files as far as the options ask, reading no more than their headers.
 *
 * @throws {UsageError} where tensors are asked for and there is no safetensors file, or its header is too large to be read
 * @throws {PotError} where a safetensors header is malformed
 */
export function describeModel(
  files: readonly ModelFile[],
  { tensors = false, format }: DescribeModelOptions,
): ModelDescription {
  const seen = new Map<string, string>();
  const detected = format === "auto" ? detectFormat(files, seen) : format;
  if (!tensors) return { fields: detected === undefined ? {} : { format: detected }, seen };

  const models = files.length === 1 ? files : files.filter(({ name }) => name.endsWith(".safetensors"));
  if (models.length === 0) {
    throw new UsageError("Cannot list the tensors as the folder holds no .safetensors file", {
      hint: "record it without its tensors: other formats are opaque bytes",
    });
  }
  const lists = models.map((file) => readTensors(file, seen));
  const { fields, document } = describeTensors(lists);
  return {
    fields: { format: detected ?? SAFETENSORS_FORMAT, ...fields },
    ...(document === undefined ? {} : { document }),
    seen,
  };
}

/** What all files that have a known format share. */
function detectFormat(files: readonly ModelFile[], seen: Map<string, string>): string | undefined {
  const formats = new Set<string>();
  for (const { path, name } of files) {
    const start = readFileStart(path, () => MODEL_FORMAT_BYTES);
    seen.set(path, start.fingerprint);
    const format = detectModelFormat(basename(name), start.bytes);
    if (format !== undefined) formats.add(format);
  }
  return formats.size === 1 ? [...formats][0] : undefined;
}

function readTensors({ path, name }: ModelFile, seen: Map<string, string>): FileTensors {
  const { bytes, sizeBytes, fingerprint } = readFileStart(path, (first) => headerEnd(first, path));
  seen.set(path, fingerprint);
  if (!name.endsWith(".safetensors") && detectModelFormat(name, bytes) !== SAFETENSORS_FORMAT) {
    throw new UsageError("Cannot list the tensors as it is no safetensors file", {
      facts: [`path: ${showPath(path)}`],
      hint: "record it without its tensors: other formats are opaque bytes",
    });
  }
  try {
    return { path: name, tensors: parseSafetensorsHeader(bytes, { sizeBytes }).tensors };
  } catch (error) {
    if (!(error instanceof PotError)) throw error;
    const { message, facts, hint, exitCode } = error;
    throw new PotError(message, {
      facts: [`path: ${showPath(path)}`, ...facts],
      ...(hint === undefined ? {} : { hint }),
      cause: error,
      exitCode,
    });
  }
}

/** Where the header ends; 9 where it cannot be one, which is enough for the parser to say so. */
function headerEnd(first: Uint8Array, path: string): number {
  if (first.length < 8) return 9;
  const length = new DataView(first.buffer, first.byteOffset).getBigUint64(0, true);
  if (length > BigInt(MAX_SAFETENSORS_HEADER_BYTES)) return 9;
  if (length <= BigInt(MAX_HEADER_BYTES)) return 8 + Number(length);
  throw new UsageError("Cannot list the tensors as the safetensors header is too large", {
    facts: [
      `path: ${showPath(path)}`,
      `header: ${length} bytes`,
      `limit: ${MAX_HEADER_BYTES} bytes`,
    ],
    hint: "record it without its tensors: its SHA-256 covers the header all the same",
  });
}
