/**
 * The record format `pot-record/1`: what one training event is, as it stands in the log. See docs/formats.md.
 */
export const RECORD_SCHEMA = "pot-record/1";

/** Largest encoded record: the C2SP entry bundle has a 16-bit length. */
export const MAX_RECORD_BYTES = 65_535;

/** A training checkpoint (which needs a `step`), a validation result, or anything else. */
export type RecordKind = "checkpoint" | "validation" | "custom";

/** A finite number, or the spelled-out value of a diverged run. */
export type MetricValue = number | "NaN" | "Infinity" | "-Infinity";

/** Values that RFC 8785 can write. Integers past 2^53 must be decimal strings. */
export type JsonValue =
  | null
  | boolean
  | number
  | string
  | readonly JsonValue[]
  | { readonly [key: string]: JsonValue };

/** The bytes a record is about, by digest. */
export interface Artifact {
  /** What made `digest`. */
  readonly algorithm: "sha256";
  /** 64 lowercase hex characters: of the file, or of a directory's manifest. */
  readonly digest: string;
  /** Absent only where the digest was handed in ready-made (`computed: false`) without a size. */
  readonly sizeBytes?: number;
  /** File or folder name, without its path. */
  readonly name?: string;
  /** Whether `digest` is over the bytes of a file or over a directory's manifest. */
  readonly kind: "file" | "directory";
  /** Whether this program hashed the bytes itself. */
  readonly computed: boolean;
  /** Such as `safetensors`. */
  readonly format?: string;
  /** As the file's own header lists them, at most 10 000. */
  readonly tensors?: readonly TensorInfo[];
  /** SHA-256 of the tensors' list (`pot-tensors/1`), where it is too long for a record. Never beside `tensors`. */
  readonly tensorsDigest?: string;
  /** How many the list of `tensorsDigest` holds. */
  readonly tensorCount?: number;
  /** Elements in all tensors together. */
  readonly parameterCount?: number;
}

/** One tensor of a model file. */
export interface TensorInfo {
  /** 1 to 512 characters. */
  readonly name: string;
  /** Element type as the file's format spells it, such as `F32`. */
  readonly dtype: string;
  /** Elements along each dimension, at most 16; empty for a scalar. */
  readonly shape: readonly number[];
}

/** What a caller says happened. Everything but `kind` and `runId` is optional; `step` is required for a training checkpoint. */
export interface RecordEvent {
  /** What sort of event it was. */
  readonly kind: RecordKind;
  /** `[A-Za-z0-9._-]`, 1 to 128 characters. */
  readonly runId: string;
  /** `[A-Za-z0-9._-]`, 1 to 128 characters. */
  readonly modelId?: string;
  /** Optimiser step: a whole number from 0, as a decimal string past 2^53. */
  readonly step?: number | string;
  /** From 0; may be a fraction. */
  readonly epoch?: number;
  /** The file or directory that came of it. */
  readonly artifact?: Artifact;
  /** The data that was trained or validated on, by SHA-256. */
  readonly dataset?: { readonly digest: string };
  /** Measured values by name, at most 1 000. */
  readonly metrics?: Readonly<Record<string, MetricValue>>;
  /** How the run was set up, such as its learning rate; nested at most 32 deep. */
  readonly parameters?: Readonly<Record<string, JsonValue>>;
  /** A whole number, negative ones too; from 2^53 on as a decimal string. */
  readonly seed?: number | string;
  /** SHA-256 over the order in which samples were shown. */
  readonly dataOrderDigest?: string;
  /** When it happened, where that is not when it was recorded. RFC 3339, UTC, milliseconds, `Z`. */
  readonly occurredAt?: string;
}

/** A record as it stands in the log. */
export interface TrainingRecord extends RecordEvent {
  /** Another value is another format. */
  readonly schema: typeof RECORD_SCHEMA;
  /** Id of the run's previous record; absent for the first. */
  readonly previous?: string;
  /** RFC 3339, UTC, milliseconds, `Z`. */
  readonly recordedAt: string;
  /** 256 random bits as hex, so that a record cannot be guessed from its hash. */
  readonly salt: string;
}
