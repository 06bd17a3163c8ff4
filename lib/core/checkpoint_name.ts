/** What a training checkpoint's file or folder name tells. */
export interface CheckpointName {
  /** Optimiser step, as {@linkcode RecordEvent.step}; absent where the name tells none, or more than one. */
  readonly step?: number | string;
  /** Absent where the name tells none, or more than one. */
  readonly epoch?: number;
}

/** Longest name that is read; file systems stop at 255. */
const MAX_NAME = 1_024;
/** Largest step that a record can hold, in decimal digits. */
const MAX_DIGITS = 78;

/** `-00001-of-00002` counts the parts of one file, never steps. */
const SHARD = /\d{1,20}[-_]of[-_]\d{1,20}/gi;
/** A number that is neither part of a word nor of `1.5`. */
const NUMBER_END = "(?![A-Za-z0-9]|\\.\\d)";
const STEP = new RegExp(
  `(?<![A-Za-z])(?:global[-_]?steps?|timesteps?|steps?|iters?|iterations?|updates?)[-_= ]?(\\d{1,${MAX_DIGITS}})${NUMBER_END}`,
  "gi",
);
/** `rl_model_1000_steps.zip`: the number first, unless another one follows the word. */
const STEP_AFTER = new RegExp(
  `(?<![A-Za-z0-9.])(\\d{1,${MAX_DIGITS}})[-_]?(?:timesteps?|steps?|iters?|iterations?)(?![A-Za-z0-9]|[-_=]\\d)`,
  "gi",
);
const EPOCH = new RegExp(`(?<![A-Za-z])(?:epochs?|ep)[-_= ]?(\\d{1,15})${NUMBER_END}`, "gi");
/** One number at the end of a name that says what it is: `model_0042.safetensors`, `checkpoint-500`, `model.ckpt-1234.index`. */
const UNLABELLED = new RegExp(
  `(?:^|[^A-Za-z])(?:model|checkpoint|ckpt|weights|params|state|snapshot|save)[-_=](\\d{1,${MAX_DIGITS}})(?:-v\\d{1,9})?(?:\\.[A-Za-z][^]*)?$`,
  "i",
);
/** A name that is nothing but a number, as Orbax writes folders. */
const BARE = new RegExp(`^(\\d{1,${MAX_DIGITS}})(?:\\.[A-Za-z][A-Za-z0-9]*)?$`);

/**
 * Reads step and epoch from the naming schemes that trainers use: `checkpoint-500` (Transformers), `epoch=3-step=1200.ckpt`
 * (Lightning), `global_step500` (DeepSpeed), `iter_0000500` (Megatron), `step_1000`, `model_0042.safetensors`,
 * `rl_model_1000_steps.zip`, `1000` (Orbax). A number without a word before it is a step only at the end of a name such as
 * `model` or `checkpoint`. What could mean two things (`checkpoint_3_15000.pt`) tells nothing: a pattern has to say it.
 */
export function readCheckpointName(name: string): CheckpointName {
  if (name.length > MAX_NAME) return {};
  const text = name.replace(SHARD, "-");
  const epoch = onlyOne([...text.matchAll(EPOCH)]);
  const labelled = [...text.matchAll(STEP), ...text.matchAll(STEP_AFTER)];
  const plain = labelled.length > 0 || epoch !== undefined
    ? undefined
    : UNLABELLED.exec(text)?.[1] ?? BARE.exec(text)?.[1];
  return toCheckpointName(onlyOne(labelled) ?? plain, epoch);
}

/** The values that digits of a name stand for; those that no record could hold are left out. */
export function toCheckpointName(step: string | undefined, epoch: string | undefined): CheckpointName {
  const stepNumber = step === undefined ? undefined : BigInt(step);
  const epochNumber = epoch === undefined ? NaN : Number(epoch);
  return {
    ...(stepNumber === undefined
      ? {}
      : { step: stepNumber > BigInt(Number.MAX_SAFE_INTEGER) ? String(stepNumber) : Number(stepNumber) }),
    ...(epochNumber <= Number.MAX_SAFE_INTEGER ? { epoch: epochNumber } : {}),
  };
}

/** The digits that all matches agree on. */
function onlyOne(matches: readonly RegExpExecArray[]): string | undefined {
  const digits = matches.map((match) => match[1]!);
  return digits.length > 0 && digits.every((each) => BigInt(each) === BigInt(digits[0]!))
    ? digits[0]
    : undefined;
}
