import assert from "node:assert/strict";
import { type ExitCode, PotError } from "../../lib/core/errors.ts";

/** An error as a person must see it. */
export interface PlainRejection {
  readonly exitCode: ExitCode;
  /** The whole first line. */
  readonly message: string;
  /** Each must stand among the facts. */
  readonly facts?: readonly string[];
  /** Part of the next step. */
  readonly hint: string;
  /** Must be nowhere in it, its cause and its stack included. `planted` never may. */
  readonly secrets?: readonly string[];
}

/** What runs must reject with one error of this project's own, which says what to do and holds no secret. */
export async function rejectsPlainly(
  run: () => Promise<unknown>,
  { exitCode, message, facts = [], hint, secrets = [] }: PlainRejection,
): Promise<void> {
  const error: unknown = await run().then(() => undefined, (error) => error);
  assert.ok(error instanceof PotError, Deno.inspect(error));
  assert.equal(error.message, message, Deno.inspect(error));
  assert.equal(error.exitCode, exitCode);
  for (const fact of facts) {
    assert.ok(error.facts.includes(fact), `${fact}\nis not in\n${error.facts.join("\n")}`);
  }
  assert.ok(error.hint?.includes(hint), `${hint}\nis not in\n${error.hint}`);
  const whole = Deno.inspect(error, { depth: 20, strAbbreviateSize: 1e6 }).toLowerCase();
  for (const secret of ["planted", ...secrets]) {
    assert.ok(!whole.includes(secret.toLowerCase().replace(/^0x/, "")), `${secret} is in\n${whole}`);
  }
}
