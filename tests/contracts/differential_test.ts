import assert from "node:assert/strict";
import { compareAcceptance } from "./differential.ts";

// The long form, 10 000 inputs: deno task contracts:fuzz
Deno.test("checkStoredHashInput() agrees with the contract on what may be stored", async () => {
  const seed = Math.floor(Math.random() * 2 ** 31);
  const figures = await compareAcceptance(1_500, seed);
  assert.deepEqual(figures.disagreements, [], `seed ${seed}`);
  assert.equal(figures.inputs, 1_500);
  for (const kind of ["accepted", "badHash", "badMetadata", "loneSurrogates"] as const) {
    assert.ok(figures[kind] >= 50, `seed ${seed}: ${kind} ${figures[kind]}`);
  }
});
