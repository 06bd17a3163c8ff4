import { canonicalJson } from "./canonical_json.ts";
import { manifestDigest } from "./manifest.ts";
import type { Artifact, TensorInfo } from "./record.ts";

/** The format of a list of tensors that does not fit into a record. See docs/formats.md. */
export const TENSORS_SCHEMA = "pot-tensors/1";

/** Tensors that take more than this, as canonical JSON, go beside the manifests: a record has room for 65 535 bytes in all. */
export const MAX_INLINE_TENSOR_BYTES = 16_384;

/** The tensors of one model file. */
export interface FileTensors {
  /** Relative to the folder, or the file's own name. */
  readonly path: string;
  /** In the order of their bytes. */
  readonly tensors: readonly TensorInfo[];
}

/** What a record says of tensors, and the document that it names by digest, where it does. */
export interface DescribedTensors {
  readonly fields: Pick<Artifact, "tensors" | "tensorsDigest" | "tensorCount" | "parameterCount">;
  /** `pot-tensors/1`, to be kept by its digest. */
  readonly document?: Uint8Array;
}

/**
 * What goes into the record: the tensors themselves where they are few, otherwise how many there are and the digest of the list. The same files
 * always give the same answer, so that recording them again is a duplicate.
 */
export function describeTensors(files: readonly FileTensors[]): DescribedTensors {
  const all = files.flatMap(({ tensors }) => tensors.map(plain));
  const parameterCount = all.reduce(
    (sum, { shape }) => sum + shape.reduce((product, size) => product * size, 1),
    0,
  );
  const hasFewAndPlain = files.length === 1 && all.every(isPlain);
  if (hasFewAndPlain && new TextEncoder().encode(canonicalJson(all)).length <= MAX_INLINE_TENSOR_BYTES) {
    return { fields: { tensors: all, parameterCount } };
  }
  const document = new TextEncoder().encode(canonicalJson({
    files: files.map(({ path, tensors }) => ({ path, tensors: tensors.map(plain) })),
    schema: TENSORS_SCHEMA,
  }));
  return {
    fields: { tensorsDigest: manifestDigest(document), tensorCount: all.length, parameterCount },
    document,
  };
}

function plain({ name, dtype, shape }: TensorInfo): TensorInfo {
  return { name, dtype, shape };
}

/** Whether a record takes it as it is (parse_event.ts); a list by digest takes any. */
function isPlain({ name, shape }: TensorInfo): boolean {
  return name.length > 0 && name.length <= 512 && !/\p{Cc}/u.test(name) && shape.length <= 16;
}
