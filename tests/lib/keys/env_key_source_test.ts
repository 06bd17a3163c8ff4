import assert from "node:assert/strict";
import { parseTransaction } from "viem/utils";
import { privateKeyToAccount } from "viem/accounts";
import type { PotError } from "../../../lib/core/errors.ts";
import { createEnvKeySource } from "../../../lib/keys/env_key_source.ts";

// Anvil's first account: published, worth nothing.
const KEY = "ac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80";
const ADDRESS = "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266";

Deno.test("createEnvKeySource() opens a key with or without 0x, in either case", async () => {
  for (const privateKey of [KEY, `0x${KEY}`, KEY.toUpperCase(), `0x${KEY.toUpperCase()}`]) {
    const { address } = await createEnvKeySource({ privateKey }).open();
    assert.equal(address, ADDRESS);
  }
});

Deno.test("createEnvKeySource() says which variable is missing", async () => {
  for (const privateKey of [undefined, ""]) {
    await assert.rejects(createEnvKeySource({ privateKey }).open(), {
      name: "UsageError",
      message: "Cannot sign as no private key is configured",
      hint: "set PRIVATE_KEY to the account's key (64 hex characters)",
      exitCode: 2,
    });
  }
});

Deno.test("createEnvKeySource() refuses what is no key of the curve and shows none of it", async () => {
  const order = "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141";
  const wrong = [
    KEY.slice(1),
    `${KEY}0`,
    `0x0x${KEY.slice(2)}`,
    ` ${KEY}`,
    `${KEY}\n`,
    "0".repeat(64),
    order,
    `g${KEY.slice(1)}`,
  ];
  for (const privateKey of wrong) {
    await assert.rejects(createEnvKeySource({ privateKey }).open(), (error: PotError) => {
      assert.equal(error.message, "Cannot sign as PRIVATE_KEY is not a private key");
      assert.equal(error.exitCode, 2);
      assert.equal(error.cause, undefined);
      const shown = JSON.stringify([error.message, error.facts, error.hint, error.stack]);
      assert.ok(!shown.includes(privateKey.trim().slice(3, 23)), shown);
      return true;
    }, JSON.stringify(privateKey));
  }
});

Deno.test("createEnvKeySource() shows the key nowhere in what it hands out", async () => {
  const source = createEnvKeySource({ privateKey: KEY });
  const signer = await source.open();
  assert.equal(source.description, "env PRIVATE_KEY");
  for (const thing of [source, signer]) {
    assert.ok(
      !`${Deno.inspect(thing, { depth: 10, showHidden: true })}${JSON.stringify(thing)}`.includes(KEY),
    );
  }
});

Deno.test("createEnvKeySource() signs both kinds of transaction as viem does, with only their own fee fields", async () => {
  const signer = await createEnvKeySource({ privateKey: KEY }).open();
  const account = privateKeyToAccount(`0x${KEY}`);
  const common = {
    chainId: 31337,
    nonce: 7,
    to: "0x5FbDB2315678afecb367f032d93F642f64180aa3",
    data: "0x1234",
    gas: 50_000n,
    value: 0n,
  } as const;
  const fees = { maxFeePerGas: 30n, maxPriorityFeePerGas: 2n };
  const dynamic = await signer.signTransaction(
    { ...common, type: "eip1559", ...fees },
  );
  assert.equal(dynamic, await account.signTransaction({ ...common, type: "eip1559", ...fees }));
  const legacy = await signer.signTransaction(
    { ...common, type: "legacy", gasPrice: 30n },
  );
  assert.equal(legacy, await account.signTransaction({ ...common, type: "legacy", gasPrice: 30n }));
  assert.equal(parseTransaction(legacy).gasPrice, 30n);
});
