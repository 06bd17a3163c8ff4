import assert from "node:assert/strict";
import type { ChainClient } from "../../../lib/chain/chain_client.ts";
import { createLazyChainClient } from "../../../lib/runtime/lazy_chain_client.ts";

interface Call {
  readonly verb: string;
  readonly args: readonly unknown[];
}

/** A client that notes each call and answers with its verb. */
function fakeClient(calls: Call[]): ChainClient {
  const verb = (name: string) => (...args: unknown[]) => {
    calls.push({ verb: name, args });
    // deno-lint-ignore no-explicit-any -- each verb has its own answer
    return Promise.resolve(name as any);
  };
  return {
    kind: "evm",
    chainId: "eip155:1",
    storeHash: verb("storeHash"),
    retrieveHash: verb("retrieveHash"),
    verifyHash: verb("verifyHash"),
    anchor: verb("anchor"),
    findAnchor: verb("findAnchor"),
    refresh: verb("refresh"),
    settle: verb("settle"),
    health: verb("health"),
    [Symbol.asyncDispose]: verb("dispose"),
  };
}

Deno.test("createLazyChainClient() opens at the first use, once, and passes every verb on", async () => {
  const calls: Call[] = [];
  let opened = 0;
  const open = () => Promise.resolve(fakeClient(calls)).finally(() => opened++);
  const client = createLazyChainClient({ kind: "evm", chainId: "eip155:1", open });
  assert.equal(opened, 0);
  assert.deepEqual([client.kind, client.chainId], ["evm", "eip155:1"]);

  // deno-lint-ignore no-explicit-any -- only that they arrive unchanged matters
  const [a, b, c] = [{}, {}, {}] as any[];
  assert.deepEqual(
    await Promise.all([
      client.storeHash(a, b, c),
      client.retrieveHash(a, b),
      client.verifyHash(a, b, c),
      client.anchor(a, b),
      client.findAnchor(a, b),
      client.refresh(a, b),
      client.health(a),
    ]) as unknown[],
    ["storeHash", "retrieveHash", "verifyHash", "anchor", "findAnchor", "refresh", "health"],
  );
  assert.equal(opened, 1);
  assert.deepEqual(calls.map(({ args }) => args.length), [3, 2, 3, 2, 2, 2, 1]);
  for (const { args } of calls) args.forEach((arg, i) => assert.equal(arg, [a, b, c][i]));

  await client[Symbol.asyncDispose]();
  assert.equal(calls.at(-1)?.verb, "dispose");
});

Deno.test("createLazyChainClient() closes nothing that was never opened", async () => {
  const open = () => Promise.reject(new Error("it was opened"));
  await createLazyChainClient({ kind: "evm", chainId: "eip155:1", open })[Symbol.asyncDispose]();
});

Deno.test("createLazyChainClient() tries again after it could not open", async () => {
  let tries = 0;
  const open = () => ++tries === 1 ? Promise.reject(new Error("not yet")) : Promise.resolve(fakeClient([]));
  const client = createLazyChainClient({ kind: "evm", chainId: "eip155:1", open });
  await assert.rejects(client.health(), { message: "not yet" });
  // A failed opening is nothing to close.
  await client[Symbol.asyncDispose]();
  assert.equal(await client.health() as unknown, "health");
  assert.equal(tries, 2);
});
