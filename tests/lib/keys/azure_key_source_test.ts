import assert from "node:assert/strict";
import { UnreachableError } from "../../../lib/core/errors.ts";
import { createAccountSigner } from "../../../lib/keys/account_signer.ts";
import {
  azureEnvironment,
  type AzureItem,
  type AzureServer,
  startAzureServer,
} from "../../_fakes/azure_server.ts";
import { randomTransactions } from "../../_fakes/random_transactions.ts";
import { rejectsPlainly } from "../../_fakes/rejects_plainly.ts";
import { silence } from "../../_fakes/silence.ts";
import { createAzureKeyKeySource } from "../../../lib/keys/azure_key_source.ts";

const KEY = `0x${"5a".repeat(31)}02` as const;
const VERSION = "0".repeat(31) + "1";
const SOURCE = "source: azure-key https://pot-tests.vault.azure.net/anchor";
const [TRANSACTION] = randomTransactions(1, 7);

function start(item: Partial<AzureItem> = {}): AzureServer {
  const server = startAzureServer();
  server.keys.set("anchor", [{ value: KEY, version: VERSION, ...item }]);
  return server;
}

const open = (server: AzureServer) =>
  createAzureKeyKeySource({ ...server, key: "anchor", timeoutMs: 5_000 }).open();

Deno.test("createAzureKeyKeySource() signs as the local account does, 200 random transactions", async () => {
  await using server = start();
  using _env = azureEnvironment(server);
  const signer = await open(server);
  const local = await createAccountSigner(KEY);
  assert.equal(signer.address, local.address);
  for (const transaction of randomTransactions(200, 7)) {
    assert.equal(await signer.signTransaction(transaction), await local.signTransaction(transaction));
  }
  const logins = server.requests.filter(({ host }) => host.startsWith("login."));
  assert.equal(logins.length, 1, "one token for all");
  assert.ok(server.requests.at(-1)!.path.startsWith(`/keys/anchor/${VERSION}/sign`));
});

Deno.test("createAzureKeyKeySource() keeps to the version that it opened", async () => {
  await using server = start();
  using _env = azureEnvironment(server);
  const signer = await open(server);
  const newer = { value: `0x${"77".repeat(32)}`, version: "f".repeat(32) };
  server.keys.set("anchor", [...server.keys.get("anchor")!, newer]);
  const local = await createAccountSigner(KEY);
  assert.equal(await signer.signTransaction(TRANSACTION!), await local.signTransaction(TRANSACTION!));
  assert.notEqual((await open(server)).address, signer.address);
  const pinned = await createAzureKeyKeySource({ ...server, key: "anchor", version: VERSION }).open();
  assert.equal(pinned.address, signer.address);
});

Deno.test("createAzureKeyKeySource() fetches another token when the first has run out", async () => {
  await using server = start();
  using _env = azureEnvironment(server);
  server.tokenSeconds = 1;
  const signer = await open(server);
  const local = await createAccountSigner(KEY);
  const before = server.requests.length;
  assert.equal(await signer.signTransaction(TRANSACTION!), await local.signTransaction(TRANSACTION!));
  assert.ok(server.requests.slice(before).some(({ host }) => host.startsWith("login.")));
});

Deno.test("createAzureKeyKeySource() refuses a key that cannot sign for Ethereum", async (t) => {
  const at = 1_800_000_000;
  const cases: readonly (readonly [string, Partial<AzureItem>, string, string])[] = [
    ["curve", { curve: "P-256" }, "is not of the curve P-256K", "--curve P-256K"],
    ["operations", { operations: ["verify"] }, "is not allowed to sign", "the operation sign"],
    ["disabled", { isDisabled: true }, "is disabled", "enable it"],
    ["expired", { expiresAt: at - 1 }, "expired at 2027-01-15T07:59:59.000Z", "a new version"],
    ["not yet", { notBefore: at + 1 }, "is not valid before 2027-01-15T08:00:01.000Z", "wait"],
  ];
  for (const [name, item, reason, hint] of cases) {
    await t.step(name, async () => {
      await using server = start(item);
      using _env = azureEnvironment(server);
      const source = createAzureKeyKeySource({ ...server, key: "anchor", now: () => at * 1_000 });
      await rejectsPlainly(() => source.open(), {
        exitCode: 2,
        message: `Cannot sign as the vault's key ${reason}`,
        facts: [SOURCE],
        hint,
        secrets: [KEY],
      });
    });
  }
});

Deno.test("createAzureKeyKeySource() notices that the key expired after it was opened", async () => {
  await using server = start({ expiresAt: 1_800_000_000 });
  using _env = azureEnvironment(server);
  let now = 1_799_999_999_000;
  const signer = await createAzureKeyKeySource({ ...server, key: "anchor", now: () => now }).open();
  now += 1_000;
  await rejectsPlainly(() => signer.signTransaction(TRANSACTION!), {
    exitCode: 2,
    message: "Cannot sign as the vault's key expired at 2027-01-15T08:00:00.000Z",
    hint: "a new version",
  });
});

Deno.test("createAzureKeyKeySource() says why the vault did not sign", async (t) => {
  await using server = start();
  using _env = azureEnvironment(server);
  const signer = await open(server);
  const sign = () => signer.signTransaction(TRANSACTION!);
  await t.step("forbidden", async () => {
    server.mood = { forbidden: { sign: "ForbiddenByRbac" } };
    await rejectsPlainly(sign, {
      exitCode: 2,
      message: "Cannot sign as these credentials may not do that with the vault's key",
      facts: [SOURCE, "asked: pot-tests.vault.azure.net", "answer: 403 Forbidden ForbiddenByRbac"],
      hint: 'the role "Key Vault Crypto User", or keys/get and keys/sign',
      secrets: [server.clientSecret],
    });
  });
  await t.step("signed with another key", async () => {
    server.mood = { signsWith: `0x${"33".repeat(32)}` };
    await rejectsPlainly(sign, {
      exitCode: 1,
      facts: [`account: ${signer.address}`],
      message: "Cannot sign as the signature is another key's",
      hint: "nothing was signed or sent",
    });
  });
  server.mood = {};
  await t.step("throttled", async () => {
    const body = { error: { code: "Throttled", message: "planted" } };
    const headers = { "retry-after": "5" };
    server.instead.push({ by: "vault", answer: () => Response.json(body, { status: 429, headers }) });
    await rejectsPlainly(sign, {
      exitCode: 4,
      message: "Cannot sign as Azure Key Vault has too many requests",
      facts: ["retry after: 5"],
      hint: "wait",
    });
  });
  await t.step("short signature", async () => {
    const body = { kid: "k", value: "AAAA" };
    server.instead.push({ by: "vault", answer: () => Response.json(body) });
    await rejectsPlainly(sign, {
      exitCode: 1,
      message: "Cannot sign as what came back is no signature",
      hint: "nothing",
    });
  });
  await t.step("the key was deleted", async () => {
    server.keys.clear();
    await rejectsPlainly(sign, {
      exitCode: 2,
      message: "Cannot sign as the vault has no such key, or not that version of it",
      facts: ["answer: 404 KeyNotFound"],
      hint: "whether it was deleted",
    });
  });
  await t.step("silence", async () => {
    server.keys.set("anchor", [{ value: KEY, version: VERSION }]);
    const hasty = await createAzureKeyKeySource({ ...server, key: "anchor", timeoutMs: 300 }).open();
    using silent = silence();
    server.instead.push({ by: "vault", answer: silent.answer });
    server.instead.push({ by: "vault", answer: silent.answer });
    const error = await hasty.signTransaction(TRANSACTION!).then(() => undefined, (error) => error);
    assert.ok(error instanceof UnreachableError, Deno.inspect(error));
  });
});
