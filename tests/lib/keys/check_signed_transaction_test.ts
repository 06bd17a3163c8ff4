import assert from "node:assert/strict";
import { concatHex, fromRlp, parseTransaction, serializeTransaction, toRlp } from "viem";
import type { UnsignedTransaction } from "../../../lib/core/signer.ts";
import {
  ADDRESS,
  CALL,
  KEY,
  LEGACY,
  openSigner,
  OTHER,
  OTHER_ADDRESS,
  sourceOf,
  startSigner,
} from "../../_fakes/external_signer.ts";
import { rejectsPlainly } from "../../_fakes/rejects_plainly.ts";
import { type SignerMood, withHighS } from "../../_fakes/signer_server.ts";

/** The nonce with a zero before it, which RLP does not allow: other bytes, so another hash, of the same fields. */
function withLongNonce(raw: `0x${string}`): `0x${string}` {
  const [chainId, nonce, ...fields] = fromRlp(`0x${raw.slice(4)}`) as readonly `0x${string}`[];
  return concatHex(["0x02", toRlp([chainId!, concatHex(["0x00", nonce!]), ...fields])]);
}

Deno.test("checkSignedTransaction() refuses a transaction that the signer changed, naming the field", async (t) => {
  await using server = startSigner("web3signer");
  const signer = await openSigner(server);
  const put = (name: string, value: unknown): SignerMood["change"] => (fields) => ({
    ...fields,
    [name]: value,
  });
  const changes: readonly (readonly [string, UnsignedTransaction, SignerMood["change"], string, string])[] = [
    [
      "type",
      LEGACY,
      ({ gasPrice, type: _, ...fields }) => ({
        ...fields,
        type: "eip1559",
        maxFeePerGas: gasPrice,
        maxPriorityFeePerGas: 0n,
      }),
      "legacy",
      "eip1559",
    ],
    ["chainId", CALL, put("chainId", 1), "137", "1"],
    ["chainId", LEGACY, put("chainId", 1), "137", "1"],
    ["chainId", LEGACY, put("chainId", undefined), "137", "none"],
    ["nonce", CALL, put("nonce", 0), "7", "0"],
    ["to", CALL, put("to", ADDRESS), CALL.to!, ADDRESS.toLowerCase()],
    ["to", CALL, put("to", undefined), CALL.to!, "none, a new contract"],
    ["value", CALL, put("value", 6n), "5", "6"],
    ["data", CALL, put("data", "0xa9059cbb01"), "0xa9059cbb00", "0xa9059cbb01"],
    ["data", LEGACY, put("data", "0x00"), "0x", "0x00"],
    ["gas", CALL, put("gas", 90_001n), "90000", "90001"],
    ["gasPrice", LEGACY, put("gasPrice", 1n), "60000000000", "1"],
    ["maxFeePerGas", CALL, put("maxFeePerGas", 60_000_000_001n), "60000000000", "60000000001"],
    ["maxPriorityFeePerGas", CALL, put("maxPriorityFeePerGas", 1n), "30000000000", "1"],
    [
      "accessList",
      CALL,
      put("accessList", [{ address: CALL.to, storageKeys: [] }]),
      "[]",
      `[{"address":"${CALL.to}","storageKeys":[]}]`,
    ],
  ];
  for (const [field, transaction, change, asked, signed] of changes) {
    await t.step(`${field} of ${transaction.type}: ${signed}`, async () => {
      server.mood = { ...(change && { change }) };
      await rejectsPlainly(() => signer.signTransaction(transaction), {
        exitCode: 1,
        message: `Cannot sign as the signer changed the transaction's ${field}`,
        facts: [sourceOf(server), `asked for: ${asked}`, `signed: ${signed}`],
        hint: "nothing was sent",
      });
    });
  }
  const fields = new Set(changes.map(([field]) => field));
  const all = [...Object.keys(CALL), ...Object.keys(LEGACY), "accessList"];
  assert.deepEqual(all.filter((field) => !fields.has(field)), [], "every field has its test");
});

Deno.test("checkSignedTransaction() takes a signature of the account only, and only the low one", async (t) => {
  await using server = startSigner("geth");
  const signer = await openSigner(server);
  const cases: readonly (readonly [string, SignerMood, string, readonly string[]])[] = [
    ["another key", { signsWith: OTHER }, "the signature is another account's", [
      `account: ${ADDRESS}`,
      `signed by: ${OTHER_ADDRESS}`,
    ]],
    ["high s", { distort: withHighS }, "the signature's s is not the lower one, as EIP-2 asks", []],
    [
      "unsigned",
      { distort: () => serializeTransaction(CALL as never) },
      "the transaction that the signer answered is not signed",
      [],
    ],
    ["a longer encoding", { distort: withLongNonce }, "the signer changed the transaction's encoding", []],
    [
      "surplus bytes",
      { distort: (raw) => `${raw}00` },
      "what the signer answered is no signed transaction",
      [],
    ],
    [
      "cut short",
      { distort: (raw) => raw.slice(0, -2) },
      "what the signer answered is no signed transaction",
      [],
    ],
    [
      "a hash",
      { distort: () => `0x${"00".repeat(32)}` },
      "what the signer answered is no signed transaction",
      [],
    ],
    ["no text", { distort: () => 7 }, "what the signer answered is no signed transaction", []],
    ["nothing", { distort: () => undefined }, "what the signer answered is no signed transaction", []],
    [
      "null",
      { answer: (answer) => ({ ...answer, result: null }) },
      "what the signer answered is no signed transaction",
      [],
    ],
  ];
  for (const [name, mood, reason, facts] of cases) {
    await t.step(name, async () => {
      server.mood = mood;
      await rejectsPlainly(() => signer.signTransaction(CALL), {
        exitCode: 1,
        message: `Cannot sign as ${reason}`,
        facts: [sourceOf(server), ...facts],
        hint: "nothing was sent",
      });
    });
  }
  await t.step("the same in capitals is the same", async () => {
    server.mood = { distort: (raw) => `0x${raw.slice(2).toUpperCase()}` };
    assert.equal(parseTransaction(await signer.signTransaction(CALL) as `0x02${string}`).nonce, 7);
  });
});

Deno.test("checkSignedTransaction() takes web3signer's answer for another chain as a change", async () => {
  await using server = startSigner("web3signer", [KEY], 1);
  const signer = await openSigner(server);
  await rejectsPlainly(() => signer.signTransaction(CALL), {
    exitCode: 1,
    message: "Cannot sign as the signer changed the transaction's chainId",
    facts: ["asked for: 137", "signed: 1"],
    hint: "nothing was sent",
  });
});
