import assert from "node:assert/strict";
import fc from "fast-check";
import { readCheckpointName } from "../../../lib/core/checkpoint_name.ts";

const names: readonly (readonly [name: string, step?: number | string | undefined, epoch?: number])[] = [
  ["checkpoint-500", 500],
  ["checkpoint-0", 0],
  ["checkpoint_000500.pth", 500],
  ["epoch=3-step=1200.ckpt", 1200, 3],
  ["epoch=3-step=1200-v1.ckpt", 1200, 3],
  ["mnist-epoch=02-val_loss=0.32.ckpt", undefined, 2],
  ["model_epoch_12_step_3400.pt", 3400, 12],
  ["step_100_epoch_5.pt", 100, 5],
  ["epoch5-step100", 100, 5],
  ["Epoch5_Step100", 100, 5],
  ["epoch_5.pth", undefined, 5],
  ["ep7.pt", undefined, 7],
  ["model_0042.safetensors", 42],
  ["model_0042", 42],
  ["pytorch_model_7.bin", 7],
  ["model.ckpt-12345", 12345],
  ["model.ckpt-12345.index", 12345],
  ["model.ckpt-12345.data-00000-of-00001", 12345],
  ["ckpt-10000-v2.pt", 10000],
  ["step_1000", 1000],
  ["step-1000.pt", 1000],
  ["step1000", 1000],
  ["step1000-tokens4B", 1000],
  ["steps=1000", 1000],
  ["global_step500", 500],
  ["globalstep500", 500],
  ["train_global_step=500_rank", 500],
  ["iter_0000500", 500],
  ["iteration-500", 500],
  ["checkpoint_updates_900.pt", 900],
  ["rl_model_1000_steps.zip", 1000],
  ["1000_steps", 1000],
  ["1000", 1000],
  ["0001000.pt", 1000],
  ["checkpoint-500-00001-of-00003.safetensors", undefined],
  ["step_500-00001-of-00003.safetensors", 500],
  ["step_9007199254740993.pt", "9007199254740993"],
  ["step_0009007199254740991.pt", 9007199254740991],
  ["step_100_step_100", 100],
  // What must not be taken for a step:
  ["pytorch_model-00001-of-00002.safetensors"],
  ["model-00001-of-00002.safetensors"],
  ["model_00001_of_00002.bin"],
  ["checkpoint_3_15000.pt"],
  ["step_100_step_200"],
  ["checkpoint3.pt"],
  ["resnet50.pth"],
  ["vit-224.pt"],
  ["llama-7b.gguf"],
  ["model_7b.gguf"],
  ["model_1.5.pt"],
  ["step_1.5"],
  ["step_10k"],
  ["last.ckpt"],
  ["best"],
  ["model.safetensors"],
  ["mp_rank_00_model_states.pt"],
  ["footstep_5"],
  ["stepwise"],
  ["step_"],
  ["step_-5"],
  ["v1.2.3"],
  [""],
  ["model_" + "9".repeat(79)],
  ["epoch_" + "9".repeat(16)],
  ["x".repeat(2_000) + "_step_5"],
];

Deno.test("readCheckpointName() reads the names that trainers give, and nothing into others", () => {
  for (const [name, step, epoch] of names) {
    const expected = { ...(step === undefined ? {} : { step }), ...(epoch === undefined ? {} : { epoch }) };
    assert.deepEqual(readCheckpointName(name), expected, name.slice(0, 80));
  }
});

Deno.test("readCheckpointName() takes any step through any of the schemes", () => {
  const schemes = [
    "checkpoint-#",
    "epoch=1-step=#.ckpt",
    "model_#.safetensors",
    "step_#",
    "global_step#",
    "iter_000#",
  ];
  fc.assert(
    fc.property(fc.nat({ max: Number.MAX_SAFE_INTEGER }), fc.constantFrom(...schemes), (step, scheme) => {
      assert.equal(readCheckpointName(scheme.replace("#", String(step))).step, step);
    }),
  );
});

Deno.test("readCheckpointName() is quick and sane on hostile names", () => {
  const pieces = fc.constantFrom(
    "step",
    "epoch",
    "model",
    "-",
    "_",
    "=",
    "0",
    "99",
    "-of-",
    ".",
    "a",
    "v",
    " ",
    "\u0000",
    "é",
  );
  fc.assert(fc.property(fc.array(pieces, { maxLength: 300 }), (parts) => {
    const { step, epoch } = readCheckpointName(parts.join(""));
    if (step !== undefined) assert.ok(BigInt(step) >= 0n);
    if (epoch !== undefined) assert.ok(Number.isSafeInteger(epoch));
  }));
  const start = performance.now();
  for (const piece of ["1", "step", "1_", "step_1", "model_1", "1-of-", "-v1", "."]) {
    readCheckpointName(piece.repeat(1_024 / piece.length));
  }
  // Milliseconds where it is linear, minutes where a pattern backtracks.
  assert.ok(performance.now() - start < 1_000);
});
