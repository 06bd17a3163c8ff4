import assert from "node:assert/strict";
import { privateKeyToAccount } from "viem/accounts";
import { azureEnvironment, type AzureServer, startAzureServer } from "../../_fakes/azure_server.ts";
import { rejectsPlainly } from "../../_fakes/rejects_plainly.ts";
import { silence } from "../../_fakes/silence.ts";
import { createAzureSecretKeySource } from "../../../lib/keys/azure_secret_key_source.ts";

const KEY = `0x${"5a".repeat(31)}01` as const;
const { address: ADDRESS } = privateKeyToAccount(KEY);
const SECRET = "blockchain-private-key";
const SOURCE = `source: azure-secret https://pot-tests.vault.azure.net/${SECRET}`;
const VAULT = "asked: pot-tests.vault.azure.net";
const LOGIN = "asked: login.microsoftonline.com";

/** A vault with the key in its default secret. */
function start(): AzureServer {
  const server = startAzureServer();
  server.secrets.set(SECRET, [{ value: KEY, version: "0".repeat(32) }]);
  return server;
}

function open(
  server: AzureServer,
  more: { version?: string; secret?: string; timeoutMs?: number } = {},
  signal?: AbortSignal,
) {
  const { vaultUrl, fetch } = server;
  const source = createAzureSecretKeySource({ vaultUrl, fetch, timeoutMs: 5_000, ...more });
  return source.open(signal === undefined ? {} : { signal });
}

const refused = (server: AzureServer) => [KEY, server.clientSecret, server.clientId];

Deno.test("createAzureSecretKeySource() reads the default secret after the vault's challenge", async () => {
  await using server = start();
  using _env = azureEnvironment(server);
  const source = createAzureSecretKeySource(server);
  assert.equal(source.description, `azure-secret https://pot-tests.vault.azure.net/${SECRET}`);
  assert.equal(server.requests.length, 0, "nothing is asked before it is opened");
  assert.equal((await source.open()).address, ADDRESS);
  assert.deepEqual(
    server.requests.map(({ method, host, hasToken }) => `${method} ${host} ${hasToken}`),
    [
      "GET pot-tests.vault.azure.net false",
      "POST login.microsoftonline.com false",
      "GET pot-tests.vault.azure.net true",
    ],
  );
});

Deno.test("createAzureSecretKeySource() takes a version and any spelling of a key", async () => {
  await using server = start();
  using _env = azureEnvironment(server);
  const other = `0x${"6b".repeat(32)}` as const;
  server.secrets.set("signer", [
    { value: ` ${other.slice(2).toUpperCase()}\n`, version: "a".repeat(32) },
    { value: KEY, version: "b".repeat(32) },
  ]);
  const older = await open(server, { secret: "signer", version: "a".repeat(32) });
  assert.equal(older.address, privateKeyToAccount(other).address);
  assert.equal((await open(server, { secret: "signer" })).address, ADDRESS);
});

Deno.test("createAzureSecretKeySource() says what Microsoft Entra ID refuses", async (t) => {
  await using server = start();
  const wrong = [
    [
      "application",
      { clientId: crypto.randomUUID() },
      "400 unauthorized_client AADSTS700016",
      "AZURE_CLIENT_ID",
    ],
    ["client secret", { clientSecret: "planted" }, "401 invalid_client AADSTS7000215", "AZURE_CLIENT_SECRET"],
  ] as const;
  for (const [name, change, answer, hint] of wrong) {
    await t.step(name, async () => {
      using _env = azureEnvironment({ ...server, ...change });
      await rejectsPlainly(() => open(server), {
        exitCode: 2,
        message: "Cannot sign as Microsoft Entra ID refused the credentials",
        facts: [SOURCE, LOGIN, `answer: ${answer}`],
        hint,
        secrets: refused(server),
      });
    });
  }
  await t.step("another tenant than the vault's", async () => {
    using _env = azureEnvironment({ ...server, tenantId: crypto.randomUUID() });
    await rejectsPlainly(() => open(server), {
      exitCode: 2,
      message: "Cannot sign as the vault asks for a token of another tenant or of another service",
      facts: [SOURCE, VAULT, "answer: 401 Unauthorized"],
      hint: "AZURE_TENANT_ID",
      secrets: refused(server),
    });
  });
  await t.step("no such tenant", async () => {
    using _env = azureEnvironment(server);
    const body = {
      error: "invalid_request",
      error_description: "AADSTS90002: planted",
      error_codes: [90002],
    };
    server.instead.push({ by: "login", answer: () => Response.json(body, { status: 400 }) });
    await rejectsPlainly(() => open(server), {
      exitCode: 2,
      message: "Cannot sign as Microsoft Entra ID refused the credentials",
      facts: ["answer: 400 invalid_request AADSTS90002"],
      hint: "there is no such tenant",
    });
  });
  await t.step("expired client secret", async () => {
    using _env = azureEnvironment(server);
    const body = {
      error: "invalid_client",
      error_description: "AADSTS7000222: planted",
      error_codes: [7000222],
    };
    server.instead.push({ by: "login", answer: () => Response.json(body, { status: 401 }) });
    await rejectsPlainly(() => open(server), {
      exitCode: 2,
      message: "Cannot sign as Microsoft Entra ID refused the credentials",
      hint: "this one has expired",
    });
  });
});

Deno.test("createAzureSecretKeySource() uses the machine's own identity where there is one", async () => {
  await using server = start();
  using _env = azureEnvironment({});
  server.mood = { hasManagedIdentity: true };
  assert.equal((await open(server)).address, ADDRESS);
  assert.ok(server.requests.some(({ host }) => host === "169.254.169.254"));
});

Deno.test("createAzureSecretKeySource() says where there are no credentials at all", async () => {
  await using server = start();
  using _env = azureEnvironment({});
  await rejectsPlainly(() => open(server), {
    exitCode: 2,
    message: "Cannot sign as no credentials for Azure were found",
    facts: [SOURCE],
    hint: "AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_CLIENT_SECRET",
  });
});

Deno.test("createAzureSecretKeySource() says what the vault refuses", async (t) => {
  await using server = start();
  using _env = azureEnvironment(server);
  const forbidden = "Cannot sign as these credentials may not do that with the vault's secret";
  const cases = [
    ["ForbiddenByPolicy", forbidden, "secrets/get in the vault's access policy"],
    ["ForbiddenByRbac", forbidden, 'the role "Key Vault Secrets User"'],
    ["ForbiddenByFirewall", "Cannot sign as the vault's firewall lets nobody in from here", "network"],
  ] as const;
  for (const [inner, message, hint] of cases) {
    await t.step(inner, async () => {
      server.mood = { forbidden: { get: inner } };
      await rejectsPlainly(() => open(server), {
        exitCode: 2,
        message,
        facts: [SOURCE, VAULT, `answer: 403 Forbidden ${inner}`],
        hint,
        secrets: refused(server),
      });
    });
  }
  server.mood = {};
  await t.step("disabled", async () => {
    server.secrets.set("off", [{ value: KEY, version: "c".repeat(32), isDisabled: true }]);
    await rejectsPlainly(() => open(server, { secret: "off" }), {
      exitCode: 2,
      message: "Cannot sign as the secret is disabled",
      facts: ["answer: 403 Forbidden SecretDisabled"],
      hint: "enable it",
    });
  });
  await t.step("absent", async () => {
    await rejectsPlainly(() => open(server, { secret: "nothing" }), {
      exitCode: 2,
      message: "Cannot sign as the vault has no such secret, or not that version of it",
      facts: ["source: azure-secret https://pot-tests.vault.azure.net/nothing", "answer: 404 SecretNotFound"],
      hint: "check the name",
    });
  });
  await t.step("token", async () => {
    server.mood = { refusesTokens: true };
    await rejectsPlainly(() => open(server), {
      exitCode: 2,
      message: "Cannot sign as Azure Key Vault did not take the credentials' token",
      facts: [VAULT, "answer: 401 Unauthorized"],
      hint: "AZURE_TENANT_ID",
      secrets: refused(server),
    });
  });
  await t.step("no private key", async () => {
    server.mood = {};
    server.secrets.set("text", [{ value: "planted", version: "d".repeat(32) }]);
    await rejectsPlainly(() => open(server, { secret: "text" }), {
      exitCode: 2,
      message: "Cannot sign as the secret holds no private key",
      hint: "64 hex characters",
    });
  });
});

Deno.test("createAzureSecretKeySource() sends no token to a server whose challenge names another", async () => {
  await using server = start();
  using _env = azureEnvironment(server);
  server.mood = { resource: "https://vault.elsewhere.example" };
  await rejectsPlainly(() => open(server), {
    exitCode: 2,
    message: "Cannot sign as the vault asks for a token of another tenant or of another service",
    hint: "and its address",
  });
  assert.deepEqual(server.requests.map(({ host }) => host), ["pot-tests.vault.azure.net"]);
});

Deno.test("createAzureSecretKeySource() follows no redirect", async () => {
  await using server = start();
  using _env = azureEnvironment(server);
  const headers = { location: "https://pot-tests.vault.azure.net/secrets/planted" };
  server.instead.push({ by: "vault", answer: () => new Response(null, { status: 307, headers }) });
  await rejectsPlainly(() => open(server), {
    exitCode: 2,
    message: "Cannot sign as Azure Key Vault answered with a redirect, and none is followed",
    hint: "the vault's own address",
  });
  assert.equal(server.requests.length, 1);
});

Deno.test("createAzureSecretKeySource() shows of an answer only what is a name", async () => {
  await using server = start();
  using _env = azureEnvironment(server);
  const error = { code: "not planted?", innererror: { code: KEY.replace(/^0x/, "") } };
  server.instead.push({ by: "vault", answer: () => Response.json({ error }, { status: 403 }) });
  await rejectsPlainly(() => open(server), {
    exitCode: 2,
    message: "Cannot sign as these credentials may not do that with the vault's secret",
    facts: [SOURCE, "answer: 403"],
    hint: "Key Vault Secrets User",
    secrets: [KEY],
  });
});

Deno.test("createAzureSecretKeySource() tells what may pass from what is wrong, and tries nothing twice", async (t) => {
  await using server = start();
  using _env = azureEnvironment(server);
  const busy = () =>
    Response.json({ error: { code: "Throttled", message: "planted" } }, {
      status: 429,
      headers: { "retry-after": "17" },
    });
  const broken = () =>
    Response.json({ error: { code: "InternalServerError", message: "planted" } }, { status: 500 });
  const cases = [
    ["vault", busy, "Cannot sign as Azure Key Vault has too many requests", "answer: 429 Throttled"],
    ["login", busy, "Cannot sign as Microsoft Entra ID has too many requests", "retry after: 17"],
    [
      "vault",
      broken,
      "Cannot sign as Azure Key Vault has trouble of its own",
      "answer: 500 InternalServerError",
    ],
    ["login", broken, "Cannot sign as Microsoft Entra ID has trouble of its own", LOGIN],
  ] as const;
  for (const [by, answer, message, fact] of cases) {
    await t.step(message, async () => {
      const before = server.requests.length;
      server.instead.push({ by, answer });
      await rejectsPlainly(() => open(server), {
        exitCode: 4,
        message,
        facts: [SOURCE, fact],
        hint: "again",
      });
      assert.equal(server.requests.length - before, by === "vault" ? 1 : 2);
    });
  }
});

Deno.test("createAzureSecretKeySource() gives up on silence, and when it is told to", async (t) => {
  await using server = start();
  using _env = azureEnvironment(server);
  for (const by of ["vault", "login"] as const) {
    const who = by === "vault" ? "Azure Key Vault" : "Microsoft Entra ID";
    await t.step(`${by} does not answer`, async () => {
      using silent = silence();
      server.instead.push({ by, answer: silent.answer });
      await rejectsPlainly(() => open(server, { timeoutMs: 50 }), {
        exitCode: 4,
        message: `Cannot sign as ${who} did not answer in time`,
        facts: [SOURCE, "reason: no answer in 50 ms"],
        hint: "check the vault's name",
      });
    });
    await t.step(`aborted at ${by}`, async () => {
      using silent = silence();
      const stop = new AbortController();
      server.instead.push({
        by,
        answer: () => {
          stop.abort(new Error("stopped"));
          return silent.answer();
        },
      });
      const started = performance.now();
      await assert.rejects(() => open(server, {}, stop.signal), { message: "stopped" });
      assert.ok(performance.now() - started < 2_500, "at once, not when its own time is over");
    });
  }
  await t.step("no such host", async () => {
    const source = createAzureSecretKeySource({ ...server, vaultUrl: "https://absent.vault.azure.net" });
    await rejectsPlainly(() => source.open(), {
      exitCode: 4,
      message: "Cannot sign as Azure Key Vault did not answer",
      facts: ["asked: absent.vault.azure.net"],
      hint: "check the vault's name",
    });
  });
});
