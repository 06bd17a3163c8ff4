import assert from "node:assert/strict";
import { createAccountSigner } from "../../../lib/keys/account_signer.ts";
import { createExternalSignerKeySource } from "../../../lib/keys/external_signer_key_source.ts";
import { SigningDeniedError } from "../../../lib/keys/signer_error.ts";
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
import { randomTransactions } from "../../_fakes/random_transactions.ts";
import { rejectsPlainly } from "../../_fakes/rejects_plainly.ts";
import type { SignerMood } from "../../_fakes/signer_server.ts";
import { silence } from "../../_fakes/silence.ts";

for (const like of ["clef", "web3signer", "geth"] as const) {
  Deno.test(`createExternalSignerKeySource() signs through ${like} as the local account does`, async () => {
    await using server = startSigner(like);
    const source = createExternalSignerKeySource({ url: server.url });
    assert.equal(server.methods.length, 0, "nothing is asked before it is opened");
    const signer = await source.open();
    assert.equal(signer.address, ADDRESS);
    const local = await createAccountSigner(KEY);
    // geth signs nothing that pays nothing.
    const paying = randomTransactions(110, 11).filter((one) => (one.maxFeePerGas ?? one.gasPrice ?? 0n) > 0n);
    assert.ok(paying.length > 60);
    for (const transaction of paying.map((one) => ({ ...one, chainId: 137 }))) {
      assert.equal(await signer.signTransaction(transaction), await local.signTransaction(transaction));
    }
  });
}

Deno.test("createExternalSignerKeySource() asks each signer in its own words", async () => {
  await using clef = startSigner("clef");
  await (await openSigner(clef)).signTransaction(CALL);
  assert.deepEqual(clef.methods, ["eth_accounts", "account_list", "account_signTransaction"]);
  assert.deepEqual(clef.lastParams(), [{
    from: ADDRESS,
    to: "0x5FbDB2315678afecb367f032d93F642f64180aa3",
    gas: "0x15f90",
    maxFeePerGas: "0xdf8475800",
    maxPriorityFeePerGas: "0x6fc23ac00",
    value: "0x5",
    nonce: "0x7",
    data: "0xa9059cbb00",
    chainId: "0x89",
  }]);
  await using named = startSigner("clef");
  await (await openSigner(named, { address: ADDRESS })).signTransaction(LEGACY);
  assert.deepEqual(
    named.methods,
    ["eth_accounts", "account_signTransaction"],
    "no person is asked for a list",
  );
  await using web3signer = startSigner("web3signer");
  await (await openSigner(web3signer)).signTransaction(LEGACY);
  assert.deepEqual(web3signer.methods, ["eth_accounts", "eth_signTransaction"]);
});

Deno.test("createExternalSignerKeySource() chooses the account", async (t) => {
  await using server = startSigner("web3signer", [KEY, OTHER]);
  await t.step("named, in any case", async () => {
    const address = OTHER_ADDRESS.toLowerCase() as `0x${string}`;
    assert.equal((await openSigner(server, { address })).address, OTHER_ADDRESS);
  });
  await t.step("several and none named", async () => {
    await rejectsPlainly(() => openSigner(server), {
      exitCode: 2,
      message: "Cannot sign as the signer has several accounts",
      facts: [sourceOf(server), `has: ${ADDRESS.toLowerCase()}`, `has: ${OTHER_ADDRESS.toLowerCase()}`],
      hint: "POT_SIGNER_ADDRESS",
    });
  });
  await t.step("not there", async () => {
    await using single = startSigner("web3signer");
    await rejectsPlainly(() => openSigner(single, { address: OTHER_ADDRESS }), {
      exitCode: 2,
      message: "Cannot sign as the signer does not have the account",
      facts: [`account: ${OTHER_ADDRESS}`, `has: ${ADDRESS.toLowerCase()}`],
      hint: "the device is connected",
    });
  });
  await t.step("none at all", async () => {
    await using empty = startSigner("clef", []);
    await rejectsPlainly(() => openSigner(empty), {
      exitCode: 2,
      message: "Cannot sign as the signer has no account",
      hint: "connect the device",
    });
  });
  await t.step("no list", async () => {
    server.mood = { answer: (answer) => ({ ...answer, result: ["planted"] }) };
    await rejectsPlainly(() => openSigner(server), {
      exitCode: 2,
      message: "Cannot sign as what the signer lists are no accounts",
      hint: "check the address",
    });
  });
  await t.step("clef does not have the one that is named", async () => {
    await using clef = startSigner("clef");
    const signer = await openSigner(clef, { address: OTHER_ADDRESS });
    await rejectsPlainly(() => signer.signTransaction(CALL), {
      exitCode: 2,
      message: "Cannot sign as the signer does not have the account",
      hint: "POT_SIGNER_ADDRESS",
    });
  });
});

Deno.test("createExternalSignerKeySource() tells why a signer refuses", async (t) => {
  await using server = startSigner("clef");
  const signer = await openSigner(server, { address: ADDRESS });
  const sign = () => signer.signTransaction(CALL);
  const error = (code: number, message: string): SignerMood => ({ error: { code, message } });
  await t.step("a person says no", async () => {
    server.mood = { denies: true };
    await rejectsPlainly(sign, {
      exitCode: 1,
      message: "Cannot sign as it was denied in the signer",
      facts: [sourceOf(server), "code: -32000"],
      hint: "nothing was sent",
    });
    await assert.rejects(sign, SigningDeniedError);
    await assert.rejects(openSigner(server), SigningDeniedError);
  });
  const cases: readonly (readonly [SignerMood, 1 | 2 | 4, string, string])[] = [
    [error(-32000, "Request denied"), 1, "it was denied in the signer", "confirm"],
    [error(4001, "User planted"), 1, "it was denied in the signer", "confirm"],
    [error(-32002, "request timed out"), 4, "the signer waited no longer for a person", "30 seconds"],
    [
      error(-32601, "planted"),
      2,
      "the signer knows neither eth_signTransaction nor account_signTransaction",
      "web3signer",
    ],
    [
      error(-32000, "requested chainid 137 does not match the configuration of the signer"),
      2,
      "the signer is set up for another chain",
      "--chainid",
    ],
    [
      error(-32000, "could not decrypt key with given password"),
      2,
      "the signer could not open the account's key",
      "password",
    ],
    [error(-32000, "planted: validation failed"), 2, "the signer refused the transaction", "--advanced"],
  ];
  for (const [mood, exitCode, reason, hint] of cases) {
    await t.step(`${mood.error!.code} ${mood.error!.message}`, async () => {
      server.mood = mood;
      await rejectsPlainly(sign, {
        exitCode,
        message: `Cannot sign as ${reason}`,
        facts: [sourceOf(server)],
        hint,
      });
    });
  }
});

Deno.test("createExternalSignerKeySource() takes no answer for another question", async (t) => {
  await using server = startSigner("geth");
  const signer = await openSigner(server);
  const another = "Cannot sign as the signer answered another question than was asked";
  const cases: readonly (readonly [string, SignerMood["answer"]])[] = [
    ["id", (answer) => ({ ...answer, id: Number(answer["id"]) - 1 })],
    ["id as text", (answer) => ({ ...answer, id: String(answer["id"]) })],
    ["no id", (answer) => ({ ...answer, id: null })],
    ["version", (answer) => ({ ...answer, jsonrpc: "1.0" })],
  ];
  for (const [name, answer] of cases) {
    await t.step(name, async () => {
      server.mood = { ...(answer && { answer }) };
      await rejectsPlainly(() => signer.signTransaction(CALL), {
        exitCode: 1,
        message: another,
        hint: "nothing was sent",
      });
    });
  }
});

Deno.test("createExternalSignerKeySource() tells what answers there from what may pass", async (t) => {
  await using server = startSigner("geth");
  const cases: readonly (readonly [string, () => Response, 2 | 4, string, string])[] = [
    [
      "page",
      () => new Response("<p>planted</p>"),
      2,
      "what answers there is no signer: it speaks no JSON-RPC",
      "address",
    ],
    ["list", () => Response.json([]), 2, "what answers there is no signer: it speaks no JSON-RPC", "address"],
    [
      "host",
      () => new Response("invalid host specified", { status: 403 }),
      2,
      "the signer lets nobody in from here",
      "--http.vhosts",
    ],
    [
      "gateway",
      () => new Response("planted", { status: 502 }),
      4,
      "the signer has trouble of its own",
      "the signer's log",
    ],
    [
      "redirect",
      () => new Response(null, { status: 308, headers: { location: "http://127.0.0.1:1/planted" } }),
      2,
      "the signer answered with a redirect, and none is followed",
      "own address",
    ],
    [
      "endless",
      () => new Response(`{"jsonrpc":"2.0","id":1,"result":["${ADDRESS}"]}${" ".repeat(3_000_000)}`),
      2,
      "what answers there is no signer: it speaks no JSON-RPC",
      "address",
    ],
  ];
  for (const [name, instead, exitCode, reason, hint] of cases) {
    await t.step(name, async () => {
      server.mood = { instead };
      await rejectsPlainly(() => openSigner(server), {
        exitCode,
        message: `Cannot sign as ${reason}`,
        facts: [sourceOf(server)],
        hint,
      });
    });
  }
});

Deno.test("createExternalSignerKeySource() goes in plain text to this machine only", async () => {
  const asked: string[] = [];
  const fetch = (url: string) => {
    asked.push(url);
    return Promise.resolve(new Response());
  };
  const source = createExternalSignerKeySource({ url: "http://signer.example/planted", fetch });
  assert.equal(source.description, "signer http://signer.example/[secret]");
  await rejectsPlainly(() => source.open(), {
    exitCode: 2,
    message: "Cannot sign as the signer's address is not an https:// one",
    facts: ["source: signer http://signer.example/[secret]"],
    hint: "behind TLS",
  });
  assert.deepEqual(asked, []);
});

Deno.test("createExternalSignerKeySource() waits as long as it may for a person, and no longer", async (t) => {
  await using server = startSigner("web3signer");
  await t.step("late", async () => {
    const signer = await openSigner(server, { timeoutMs: 60 });
    using silent = silence();
    server.mood = { instead: silent.answer };
    await rejectsPlainly(() => signer.signTransaction(CALL), {
      exitCode: 4,
      message: "Cannot sign as the signer did not answer in time",
      facts: ["reason: no answer in 60 ms"],
      hint: "POT_SIGNER_TIMEOUT",
    });
  });
  await t.step("slow, but in time", async () => {
    server.mood = {};
    const signer = await openSigner(server, { timeoutMs: 5_000 });
    const local = await createAccountSigner(KEY);
    server.mood = { distort: (raw) => new Promise((resolve) => setTimeout(() => resolve(raw), 120)) };
    assert.equal(await signer.signTransaction(CALL), await local.signTransaction(CALL));
  });
  await t.step("aborted while it is opened", async () => {
    const stop = new AbortController();
    using silent = silence();
    server.mood = {
      instead: () => {
        stop.abort(new Error("stopped"));
        return silent.answer();
      },
    };
    const source = createExternalSignerKeySource({ url: server.url });
    await assert.rejects(source.open({ signal: stop.signal }), { message: "stopped" });
  });
  await t.step("aborted while a person decides", async () => {
    server.mood = {};
    const signer = await openSigner(server);
    const stop = new AbortController();
    using silent = silence();
    server.mood = {
      instead: () => {
        stop.abort(new Error("stopped"));
        return silent.answer();
      },
    };
    await assert.rejects(signer.signTransaction(CALL, { signal: stop.signal }), { message: "stopped" });
  });
  await t.step("gone", async () => {
    server.mood = {};
    const signer = await openSigner(server);
    await server[Symbol.asyncDispose]();
    await rejectsPlainly(() => signer.signTransaction(CALL), {
      exitCode: 4,
      message: "Cannot sign as the signer did not answer",
      hint: "check that the signer runs",
    });
  });
});
