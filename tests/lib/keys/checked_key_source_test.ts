import assert from "node:assert/strict";
import type { TransactionSigner } from "../../../lib/core/signer.ts";
import { createCheckedKeySource } from "../../../lib/keys/checked_key_source.ts";

const ADDRESS = "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266";
const SIGNER: TransactionSigner = { address: ADDRESS, signTransaction: () => Promise.resolve("0x") };

/** A source that a test opens by hand. */
function manual() {
  const openings: { readonly signal: AbortSignal; resolve(): void; reject(error: Error): void }[] = [];
  return {
    openings,
    source: {
      description: "manual",
      open({ signal }: { readonly signal?: AbortSignal } = {}) {
        const { promise, resolve, reject } = Promise.withResolvers<TransactionSigner>();
        openings.push({ signal: signal!, resolve: () => resolve(SIGNER), reject });
        return promise;
      },
    },
  };
}

Deno.test("createCheckedKeySource() reads once, for all who ask at once and later", async () => {
  const { source, openings } = manual();
  const checked = createCheckedKeySource(source);
  assert.deepEqual([checked.description, openings.length], ["manual", 0]);
  const both = [checked.open(), checked.open()];
  openings[0]!.resolve();
  assert.deepEqual(await Promise.all(both), [SIGNER, SIGNER]);
  assert.equal(await checked.open(), SIGNER);
  assert.equal(openings.length, 1);
  assert.equal(openings[0]!.signal.aborted, false);
});

Deno.test("createCheckedKeySource() tries again after a failure", async () => {
  const { source, openings } = manual();
  const checked = createCheckedKeySource(source);
  const first = checked.open();
  openings[0]!.reject(new Error("down"));
  await assert.rejects(first, { message: "down" });
  const second = checked.open();
  openings[1]!.resolve();
  assert.equal(await second, SIGNER);
});

Deno.test("createCheckedKeySource() lets one stop waiting without stopping the other", async () => {
  const { source, openings } = manual();
  const checked = createCheckedKeySource(source);
  const stop = new AbortController();
  const leaving = checked.open({ signal: stop.signal });
  const staying = checked.open();
  stop.abort(new Error("enough"));
  await assert.rejects(leaving, { message: "enough" });
  assert.equal(openings[0]!.signal.aborted, false);
  openings[0]!.resolve();
  assert.equal(await staying, SIGNER);
  await assert.rejects(checked.open({ signal: stop.signal }), { message: "enough" });
});

Deno.test("createCheckedKeySource() stops the source once nobody waits, and starts anew for the next one", async () => {
  const { source, openings } = manual();
  const checked = createCheckedKeySource(source);
  const stop = new AbortController();
  const only = checked.open({ signal: stop.signal });
  stop.abort(new Error("enough"));
  await assert.rejects(only, { message: "enough" });
  assert.equal(openings[0]!.signal.aborted, true);
  const next = checked.open();
  // What the first one still says counts for nothing.
  openings[0]!.reject(new Error("late"));
  openings[1]!.resolve();
  assert.equal(await next, SIGNER);
  assert.equal(await checked.open(), SIGNER);
});

Deno.test("createCheckedKeySource() gives up in time", async () => {
  const { source, openings } = manual();
  const checked = createCheckedKeySource(source, { timeoutMs: 20 });
  await assert.rejects(checked.open(), {
    name: "UnreachableError",
    message: "Cannot sign as the key's holder did not answer in time",
    facts: ["source: manual", "waited: 20 ms"],
    exitCode: 4,
  });
  assert.equal(openings[0]!.signal.aborted, true);
});

Deno.test("createCheckedKeySource() refuses the key of another account, and says both", async () => {
  const { source, openings } = manual();
  const other = `0x${"1".repeat(40)}` as const;
  const wrong = createCheckedKeySource(source, { address: other });
  const opening = wrong.open();
  openings[0]!.resolve();
  await assert.rejects(opening, {
    name: "UsageError",
    message: "Cannot sign as the key is another account's than the configured one",
    facts: [`configured: ${other}`, `key: ${ADDRESS}`, "source: manual"],
    hint: "correct POT_SIGNER_ADDRESS, or name the right key in POT_KEY_SOURCE",
  });
  const right = createCheckedKeySource(source, { address: ADDRESS.toLowerCase() as `0x${string}` });
  const again = right.open();
  openings[1]!.resolve();
  assert.equal(await again, SIGNER);
});
