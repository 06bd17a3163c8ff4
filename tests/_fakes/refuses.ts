import assert from "node:assert/strict";
import type { CliHarness } from "./cli_harness.ts";

export interface Refusal {
  readonly code: number;
  /** The first line, without `error: `. */
  readonly message: string | RegExp;
  /** Must stand among the facts. */
  readonly fact?: string | RegExp;
  /** Part of the next step. @default there is one */
  readonly hint?: string | RegExp;
  readonly env?: Readonly<Record<string, string>>;
}

/**
 * A command line must be refused as a person and as a program want it: one error that names the thing and the next step, the right exit
 * code, nothing on standard output, no stack trace, and not a byte of the folder changed.
 */
export async function refuses(cli: CliHarness, args: readonly string[], refusal: Refusal): Promise<void> {
  const { code, message, fact, hint = /./, env = {} } = refusal;
  const line = args.join(" ").slice(0, 120);
  const before = await cli.listing();

  const plain = await cli.runWith(env, ...args);
  assert.equal(plain.code, code, `${line}\n${plain.out}${plain.err}`);
  assert.equal(plain.out, "", line);
  const [first = "", ...rest] = plain.err.trimEnd().split("\n");
  check(first.replace(/^error: /, ""), message, line);
  assert.ok(first.startsWith("error: "), first);
  const last = rest.at(-1) ?? "";
  assert.ok(last.startsWith("  → "), `${line}: no next step\n${plain.err}`);
  check(last.slice(4), hint, line);
  if (fact !== undefined) {
    assert.ok(rest.slice(0, -1).some((text) => fits(text.trim(), fact)), `${line}: ${fact}\n${plain.err}`);
  }
  assert.ok(!/\n\s+at .*:\d+/.test(plain.err), plain.err);

  const asJson = await cli.runWith(env, ...args, "--json");
  assert.deepEqual([asJson.code, asJson.out], [code, ""], line);
  const { error, ...more } = JSON.parse(asJson.err);
  assert.deepEqual(more, {});
  assert.equal(`error: ${error.message}`, first);

  assert.equal(await cli.listing(), before, `${line} changed the folder`);
}

function fits(text: string, expected: string | RegExp): boolean {
  return typeof expected === "string" ? text === expected : expected.test(text);
}

function check(text: string, expected: string | RegExp, line: string): void {
  if (typeof expected === "string") assert.equal(text, expected, line);
  else assert.match(text, expected, line);
}
