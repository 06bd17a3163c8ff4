import {
  fieldError,
  type Fields,
  readDigest,
  readObject,
  readPattern,
  readText,
  readTimestamp,
  readWhole,
} from "./field_reader.ts";
import type { Artifact, JsonValue, MetricValue, RecordEvent, RecordKind, TensorInfo } from "./record.ts";

/** The fields of an event, in the order docs/formats.md lists them. */
export const EVENT_FIELDS = [
  "kind",
  "runId",
  "modelId",
  "step",
  "epoch",
  "artifact",
  "dataset",
  "metrics",
  "parameters",
  "seed",
  "dataOrderDigest",
  "occurredAt",
] as const;

const KINDS: readonly RecordKind[] = ["checkpoint", "validation", "custom"];
const NAME = /^[A-Za-z0-9._-]{1,128}$/;
const MAX_METRICS = 1_000;
const MAX_TENSORS = 10_000;
const MAX_PARAMETER_DEPTH = 32;

/**
 * Checks an event from outside field by field and returns it in the record's form: absent fields stay absent, numbers that are
 * NaN or infinite become the strings `"NaN"`, `"Infinity"` and `"-Infinity"` in metrics.
 *
 * @throws {UsageError} naming the first field that is wrong and what it should look like.
 */
export function parseEvent(input: unknown): RecordEvent {
  return readEvent(readObject(input, "event", EVENT_FIELDS));
}

/** {@linkcode parseEvent} for an object whose field names were checked already. */
export function readEvent(fields: Fields): RecordEvent {
  if (!KINDS.includes(fields.kind as RecordKind)) throw fieldError("kind", KINDS.join(", "), fields.kind);
  if (fields.kind === "checkpoint" && fields.step === undefined) {
    throw fieldError("step", "given for a training checkpoint", undefined);
  }
  const optional = <T>(name: string, read: (value: unknown, path: string) => T) =>
    fields[name] === undefined ? {} : { [name]: read(fields[name], name) };
  return {
    kind: fields.kind as RecordKind,
    runId: readName(fields.runId, "runId"),
    ...optional("modelId", readName),
    ...optional("step", readWhole),
    ...optional("epoch", readEpoch),
    ...optional("artifact", readArtifact),
    ...optional("dataset", readDataset),
    ...optional("metrics", readMetrics),
    ...optional("parameters", readParameters),
    ...optional("seed", readSeed),
    ...optional("dataOrderDigest", readDigest),
    ...optional("occurredAt", readTimestamp),
  };
}

function readName(value: unknown, path: string): string {
  return readPattern(value, path, NAME, "1 to 128 of the characters A-Z a-z 0-9 . _ -");
}

function readEpoch(value: unknown, path: string): number {
  if (typeof value !== "number" || !Number.isFinite(value) || value < 0) {
    throw fieldError(path, "a number from 0", value);
  }
  return Object.is(value, -0) ? 0 : value;
}

function readSeed(value: unknown, path: string): number | string {
  if (Number.isSafeInteger(value)) return Object.is(value, -0) ? 0 : value as number;
  return readWhole(value, path);
}

const ARTIFACT_FIELDS = [
  "algorithm",
  "digest",
  "sizeBytes",
  "name",
  "kind",
  "computed",
  "format",
  "tensors",
  "tensorsDigest",
  "tensorCount",
  "parameterCount",
];

function readArtifact(value: unknown, path: string): Artifact {
  const fields = readObject(value, path, ARTIFACT_FIELDS);
  if (fields.algorithm !== "sha256") throw fieldError(`${path}.algorithm`, '"sha256"', fields.algorithm);
  if (fields.kind !== "file" && fields.kind !== "directory") {
    throw fieldError(`${path}.kind`, '"file" or "directory"', fields.kind);
  }
  if (typeof fields.computed !== "boolean") {
    throw fieldError(`${path}.computed`, "true or false", fields.computed);
  }
  if (fields.sizeBytes === undefined && fields.computed) {
    throw fieldError(`${path}.sizeBytes`, "given where the digest was computed here", undefined);
  }
  if (fields.tensorsDigest !== undefined && fields.tensors !== undefined) {
    throw fieldError(`${path}.tensorsDigest`, "absent where tensors are listed", fields.tensorsDigest);
  }
  if ((fields.tensorCount === undefined) !== (fields.tensorsDigest === undefined)) {
    throw fieldError(`${path}.tensorCount`, "given together with tensorsDigest", fields.tensorCount);
  }
  return {
    algorithm: "sha256",
    digest: readDigest(fields.digest, `${path}.digest`),
    ...(fields.sizeBytes === undefined
      ? {}
      : { sizeBytes: readCount(fields.sizeBytes, `${path}.sizeBytes`) }),
    ...(fields.name === undefined ? {} : { name: readText(fields.name, `${path}.name`, 255) }),
    kind: fields.kind,
    computed: fields.computed,
    ...(fields.format === undefined ? {} : { format: readText(fields.format, `${path}.format`, 64) }),
    ...(fields.tensors === undefined ? {} : { tensors: readTensors(fields.tensors, `${path}.tensors`) }),
    ...(fields.tensorsDigest === undefined ? {} : {
      tensorsDigest: readDigest(fields.tensorsDigest, `${path}.tensorsDigest`),
      tensorCount: readCount(fields.tensorCount, `${path}.tensorCount`),
    }),
    ...(fields.parameterCount === undefined
      ? {}
      : { parameterCount: readCount(fields.parameterCount, `${path}.parameterCount`) }),
  };
}

function readCount(value: unknown, path: string): number {
  if (!Number.isSafeInteger(value) || (value as number) < 0) {
    throw fieldError(path, "a whole number from 0", value);
  }
  return value as number;
}

function readTensors(value: unknown, path: string): readonly TensorInfo[] {
  if (!Array.isArray(value) || value.length > MAX_TENSORS) {
    throw fieldError(path, `a list of at most ${MAX_TENSORS}`, value);
  }
  return value.map((item, i) => {
    const tensor = readObject(item, `${path}[${i}]`, ["name", "dtype", "shape"]);
    if (!Array.isArray(tensor.shape) || tensor.shape.length > 16) {
      throw fieldError(`${path}[${i}].shape`, "a list of at most 16 whole numbers", tensor.shape);
    }
    return {
      name: readText(tensor.name, `${path}[${i}].name`, 512),
      dtype: readText(tensor.dtype, `${path}[${i}].dtype`, 32),
      shape: tensor.shape.map((size, j) => readCount(size, `${path}[${i}].shape[${j}]`)),
    };
  });
}

function readDataset(value: unknown, path: string): { readonly digest: string } {
  return { digest: readDigest(readObject(value, path, ["digest"]).digest, `${path}.digest`) };
}

function readMetrics(value: unknown, path: string): Readonly<Record<string, MetricValue>> {
  const entries = Object.entries(readObject(value, path));
  if (entries.length > MAX_METRICS) throw fieldError(path, `at most ${MAX_METRICS} metrics`, value);
  return Object.fromEntries(entries.map(([name, metric]) => {
    const at = `${path}.${readText(name, `a name in ${path}`, 128)}`;
    return [name, readMetric(metric, at)];
  }));
}

function readMetric(value: unknown, path: string): MetricValue {
  if (typeof value === "number") {
    if (!Number.isFinite(value)) return String(value) as MetricValue;
    if (Number.isInteger(value) && !Number.isSafeInteger(value) && Math.abs(value) < 1e21) {
      throw fieldError(path, "below 2^53 where it is a whole number", value);
    }
    return Object.is(value, -0) ? 0 : value;
  }
  if (value === "NaN" || value === "Infinity" || value === "-Infinity") return value;
  throw fieldError(path, 'a number, "NaN", "Infinity" or "-Infinity"', value);
}

function readParameters(value: unknown, path: string): Readonly<Record<string, JsonValue>> {
  return readJson(readObject(value, path), path, 0) as Readonly<Record<string, JsonValue>>;
}

function readJson(value: unknown, path: string, depth: number): JsonValue {
  if (depth > MAX_PARAMETER_DEPTH) {
    throw fieldError(path, `nested at most ${MAX_PARAMETER_DEPTH} deep`, value);
  }
  if (value === null || typeof value === "boolean" || typeof value === "string") return value;
  if (typeof value === "number") {
    const isUnsafe = Number.isInteger(value) && !Number.isSafeInteger(value);
    if (!Number.isFinite(value) || isUnsafe) {
      throw fieldError(path, "a finite number (a whole number past 2^53 as a decimal string)", value);
    }
    return Object.is(value, -0) ? 0 : value;
  }
  if (Array.isArray(value)) return value.map((item, i) => readJson(item, `${path}[${i}]`, depth + 1));
  if (typeof value === "object" && Object.getPrototypeOf(value) === Object.prototype) {
    return Object.fromEntries(
      Object.entries(value).map((
        [key, item],
      ) => [key, readJson(item, `${path}.${key.slice(0, 80)}`, depth + 1)]),
    );
  }
  throw fieldError(path, "a JSON value", value);
}
