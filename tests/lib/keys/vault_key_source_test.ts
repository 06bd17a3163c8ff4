import assert from "node:assert/strict";
import { privateKeyToAccount } from "viem/accounts";
import { createVaultKeySource, type VaultKeyOptions } from "../../../lib/keys/vault_key_source.ts";
import { rejectsPlainly } from "../../_fakes/rejects_plainly.ts";
import { silence } from "../../_fakes/silence.ts";
import { startVaultServer, type VaultServer } from "../../_fakes/vault_server.ts";

const KEY = `0x${"5a".repeat(31)}03` as const;
const { address: ADDRESS } = privateKeyToAccount(KEY);

/** A server with the key where it is by default. */
function start(namespace = ""): VaultServer {
  const server = startVaultServer({ namespace });
  server.secrets.set(`${namespace}|secret|pot/blockchain`, [{ data: { private_key: KEY, note: "anchors" } }]);
  return server;
}

const open = ({ url }: VaultServer, options: Omit<VaultKeyOptions, "url">) =>
  createVaultKeySource({ url, timeoutMs: 5_000, ...options }).open();

const sourceOf = ({ url }: VaultServer) => `source: vault ${url}/secret/pot/blockchain#private_key`;

Deno.test("createVaultKeySource() reads the default field with a token, and nothing before it is opened", async () => {
  await using server = start();
  const source = createVaultKeySource({ url: server.url, token: server.issue() });
  assert.equal(`source: ${source.description}`, sourceOf(server));
  assert.equal(server.requests.length, 0);
  assert.equal((await source.open()).address, ADDRESS);
  assert.deepEqual(server.requests, [{
    method: "GET",
    path: "/v1/secret/data/pot/blockchain",
    namespace: "",
  }]);
  assert.equal(server.tokens().length, 1, "a token that was given is not revoked");
});

Deno.test("createVaultKeySource() reads another mount, path, field and namespace, with a token that is read late", async () => {
  await using server = start();
  server.mounts.set("team/ml|kv/pot", 2);
  server.secrets.set("team/ml|kv/pot|a b/c", [
    { data: { key: "old" } },
    { data: { key: ` ${KEY.slice(2).toUpperCase()}\n` } },
  ]);
  const token = server.issue({ namespace: "team/ml" });
  const signer = await open(server, {
    mount: "kv/pot",
    path: "a b/c",
    field: "key",
    namespace: "team/ml",
    token: () => Promise.resolve(`${token}\n`),
  });
  assert.equal(signer.address, ADDRESS);
});

Deno.test("createVaultKeySource() logs in with an AppRole, and gives the token back", async (t) => {
  await using server = start("team");
  const { roleId, secretId } = server;
  const role = { roleId, secretId, namespace: "team" };
  let seen = 0;
  const paths = () => {
    const made = server.requests.slice(seen);
    seen = server.requests.length;
    return made.map(({ path }) => path);
  };
  await t.step("service token", async () => {
    assert.equal((await open(server, role)).address, ADDRESS);
    assert.deepEqual(paths(), [
      "/v1/auth/approle/login",
      "/v1/secret/data/pot/blockchain",
      "/v1/auth/token/revoke-self",
    ]);
    assert.deepEqual(server.tokens(), []);
  });
  await t.step("batch token", async () => {
    server.tokenType = "batch";
    assert.equal((await open(server, role)).address, ADDRESS);
    assert.deepEqual(paths(), ["/v1/auth/approle/login", "/v1/secret/data/pot/blockchain"]);
  });
  await t.step("also where the key cannot be read", async () => {
    server.tokenType = "service";
    const before = server.tokens().length;
    await rejectsPlainly(() => open(server, { ...role, path: "nothing" }), {
      exitCode: 2,
      message: "Cannot sign as Vault has no such secret",
      hint: "vault kv put secret/nothing private_key=…",
    });
    assert.equal(server.tokens().length, before);
  });
  await t.step("a token that cannot be given back is no failure", async () => {
    const instead = (path: string) =>
      path.endsWith("revoke-self") ? new Response(null, { status: 500 }) : undefined;
    server.state = { instead };
    assert.equal((await open(server, role)).address, ADDRESS);
    server.state = {};
  });
  await t.step("wrong secret id", async () => {
    await rejectsPlainly(() => open(server, { ...role, secretId: "planted" }), {
      exitCode: 2,
      message: "Cannot sign as Vault refused the AppRole's log-in",
      facts: [sourceOf(server), "namespace: team", "answer: 400"],
      hint: "VAULT_ROLE_ID and VAULT_SECRET_ID",
      secrets: [roleId],
    });
  });
  await t.step("wrong namespace", async () => {
    await rejectsPlainly(() => open(server, { ...role, namespace: "other" }), {
      exitCode: 2,
      message: "Cannot sign as Vault has nothing mounted at that path",
      facts: ["namespace: other", "path: auth/approle/login"],
      hint: "VAULT_NAMESPACE",
    });
  });
});

Deno.test("createVaultKeySource() says what is missing or wrong", async (t) => {
  await using server = start();
  const token = server.issue();
  const source = sourceOf(server);
  const put = (path: string, ...versions: Parameters<VaultServer["secrets"]["set"]>[1][number][]) =>
    server.secrets.set(`|secret|${path}`, versions);

  await t.step("no credentials", () =>
    rejectsPlainly(() => open(server, { roleId: "only" }), {
      exitCode: 2,
      message: "Cannot sign as no credentials for Vault are given",
      facts: [source],
      hint: "VAULT_TOKEN, or VAULT_ROLE_ID and VAULT_SECRET_ID",
    }));
  await t.step(
    "a token that no header can carry",
    () =>
      rejectsPlainly(() => open(server, { token: "hvs.a\nplanted" }), {
        exitCode: 2,
        message: "Cannot sign as the token for Vault is empty, or holds what no token does",
        hint: "one line",
      }),
  );
  await t.step(
    "expired token",
    () =>
      rejectsPlainly(() => open(server, { token: server.issue({ isExpired: true }) }), {
        exitCode: 2,
        message: "Cannot sign as Vault does not know the token, or it has expired",
        facts: [source],
        hint: "VAULT_NAMESPACE",
      }),
  );
  await t.step(
    "token of another namespace",
    () =>
      rejectsPlainly(() => open(server, { token, namespace: "team" }), {
        exitCode: 2,
        message: "Cannot sign as Vault does not know the token, or it has expired",
        facts: ["namespace: team"],
        hint: "the namespace in VAULT_NAMESPACE",
      }),
  );
  await t.step(
    "no policy",
    () =>
      rejectsPlainly(() => open(server, { token: server.issue({ mayRead: false }) }), {
        exitCode: 2,
        message: "Cannot sign as the Vault token may not read the secret",
        hint: "the capability read on secret/data/pot/blockchain",
      }),
  );
  await t.step("no mount", () =>
    rejectsPlainly(() => open(server, { token, mount: "kv" }), {
      exitCode: 2,
      message: "Cannot sign as Vault has nothing mounted at that path",
      facts: ["path: kv/data/pot/blockchain"],
      hint: "check the mount",
    }));
  await t.step(
    "namespace without the mount",
    () =>
      rejectsPlainly(() => open(server, { token: server.issue({ namespace: "team" }), namespace: "team" }), {
        exitCode: 2,
        message: "Cannot sign as Vault has nothing mounted at that path",
        facts: ["namespace: team"],
        hint: "a namespace has mounts of its own",
      }),
  );
  await t.step("no secret", () =>
    rejectsPlainly(() => open(server, { token, path: "pot/other" }), {
      exitCode: 2,
      message: "Cannot sign as Vault has no such secret",
      hint: "vault kv put secret/pot/other private_key=…",
    }));
  await t.step("no such field", () =>
    rejectsPlainly(() => open(server, { token, field: "toString" }), {
      exitCode: 2,
      message: "Cannot sign as the secret in Vault has no text in the field toString",
      hint: "#field",
      secrets: [KEY],
    }));
  await t.step("field of another kind", async () => {
    put("number", { data: { private_key: 7 } });
    await rejectsPlainly(() => open(server, { token, path: "number" }), {
      exitCode: 2,
      message: "Cannot sign as the secret in Vault has no text in the field private_key",
      hint: "vault kv patch secret/number private_key=…",
    });
  });
  await t.step("no private key", async () => {
    put("text", { data: { private_key: "planted" } });
    await rejectsPlainly(() => open(server, { token, path: "text" }), {
      exitCode: 2,
      message: "Cannot sign as the field private_key holds no private key",
      hint: "64 hex characters",
    });
  });
  await t.step("deleted version", async () => {
    put("gone", { data: {} }, { data: { private_key: KEY }, deletedAt: "2026-11-20T01:02:03.000000004Z" });
    await rejectsPlainly(() => open(server, { token, path: "gone" }), {
      exitCode: 2,
      message: "Cannot sign as version 2 of the secret in Vault was deleted",
      facts: ["deleted at: 2026-11-20T01:02:03.000000004Z"],
      hint: "vault kv undelete -versions=2 secret/gone",
    });
  });
  await t.step("destroyed version", async () => {
    put("ash", { data: { private_key: KEY }, isDestroyed: true });
    await rejectsPlainly(() => open(server, { token, path: "ash" }), {
      exitCode: 2,
      message: "Cannot sign as version 1 of the secret in Vault was destroyed",
      hint: "store the key again",
    });
  });
  await t.step("version 1 of the store", async () => {
    server.mounts.set("|old", 1);
    server.secrets.set("|old|data/pot/blockchain", [{ data: { private_key: KEY } }]);
    await rejectsPlainly(() => open(server, { token, mount: "old" }), {
      exitCode: 2,
      message: "Cannot sign as that is no key-value store of version 2",
      hint: "vault kv enable-versioning",
      secrets: [KEY],
    });
  });
  await t.step("no Vault", async () => {
    server.state = { instead: () => new Response("<h1>planted</h1>", { status: 418 }) };
    await rejectsPlainly(() => open(server, { token }), {
      exitCode: 2,
      message: "Cannot sign as what answers there is no Vault server, or speaks another version",
      facts: ["answer: 418"],
      hint: "check the address",
    });
  });
});

Deno.test("createVaultKeySource() tells what may pass, and follows no standby", async (t) => {
  await using server = start();
  const token = server.issue();
  const cases: readonly (readonly [string, VaultServer["state"], string, string])[] = [
    ["sealed", { isSealed: true }, "Cannot sign as the Vault server is sealed", "vault operator unseal"],
    [
      "not initialised",
      { isUninitialized: true, isSealed: true },
      "Cannot sign as the Vault server is not initialised",
      "vault operator init",
    ],
    [
      "maintenance",
      { instead: () => new Response("planted", { status: 503 }) },
      "Cannot sign as the Vault server is not available",
      "vault status",
    ],
    [
      "too many requests",
      {
        instead: () =>
          Response.json({ errors: ["planted"] }, { status: 429, headers: { "retry-after": "3" } }),
      },
      "Cannot sign as the Vault server has too many requests",
      "wait",
    ],
    [
      "performance standby",
      { instead: () => Response.json({ errors: [] }, { status: 473 }) },
      "Cannot sign as the Vault server cannot answer now",
      "wait",
    ],
    [
      "broken",
      { instead: () => Response.json({ errors: ["planted"] }, { status: 500 }) },
      "Cannot sign as the Vault server cannot answer now",
      "vault status",
    ],
  ];
  for (const [name, state, message, hint] of cases) {
    await t.step(name, async () => {
      server.state = state;
      await rejectsPlainly(() => open(server, { token }), {
        exitCode: 4,
        message,
        facts: [sourceOf(server)],
        hint,
      });
    });
  }
  await t.step("standby", async () => {
    await using active = start();
    server.state = { activeNode: active.url };
    await rejectsPlainly(() => open(server, { token }), {
      exitCode: 2,
      message: "Cannot sign as the Vault server is a standby that leads elsewhere",
      facts: [`leads to: ${active.url}/[secret]`],
      hint: "name the active server",
    });
    assert.equal(active.requests.length, 0, "the token went nowhere else");
  });
});

Deno.test("createVaultKeySource() gives up on silence, and when it is told to", async (t) => {
  await using server = start();
  const token = server.issue();
  await t.step("late", async () => {
    using silent = silence();
    server.state = { instead: silent.answer };
    await rejectsPlainly(() => createVaultKeySource({ url: server.url, token, timeoutMs: 50 }).open(), {
      exitCode: 4,
      message: "Cannot sign as the Vault server did not answer in time",
      facts: [sourceOf(server), "reason: no answer in 50 ms"],
      hint: "the network",
    });
  });
  await t.step("aborted", async () => {
    const stop = new AbortController();
    using silent = silence();
    server.state = {
      instead: () => {
        stop.abort(new Error("stopped"));
        return silent.answer();
      },
    };
    const source = createVaultKeySource({ url: server.url, token });
    await assert.rejects(source.open({ signal: stop.signal }), { message: "stopped" });
  });
  await t.step("nobody there", async () => {
    const { url } = server;
    await server[Symbol.asyncDispose]();
    await rejectsPlainly(() => createVaultKeySource({ url, token }).open(), {
      exitCode: 4,
      message: "Cannot sign as the Vault server did not answer",
      hint: "check the address",
    });
  });
});
