import assert from "node:assert/strict";
import type { PotError } from "../../../lib/core/errors.ts";
import { parseConfig } from "../../../lib/runtime/parse_config.ts";
import type { SettingSources } from "../../../lib/runtime/read_settings.ts";

const KEY = "4f".repeat(32);
const ADDRESS = `0x${"a1".repeat(20)}`;

function parse(sources: Partial<SettingSources>) {
  return parseConfig({ folder: "/srv/pot", env: {}, ...sources });
}

function mistakes(sources: Partial<SettingSources>): readonly string[] {
  let facts: readonly string[] = [];
  assert.throws(() => parse(sources), (error: PotError) => {
    facts = error.facts;
    assert.ok(!`${error.message}${facts}${error.hint}`.includes(KEY.slice(2, 40)), String(facts));
    return error.exitCode === 2;
  });
  return facts;
}

Deno.test("parseConfig() takes a key source from the environment over pot.jsonc", () => {
  const file = { keySource: "aws-ssm:?region=eu-west-1", signerAddress: ADDRESS, keyTimeout: "5s" };
  const { signing, keys } = parse({ env: {}, file });
  assert.deepEqual(signing, {
    source: { kind: "aws-ssm", parameter: "/pot/blockchain/private-key", region: "eu-west-1" },
    uri: "aws-ssm:/pot/blockchain/private-key?region=eu-west-1",
    address: ADDRESS,
  });
  assert.equal(keys.timeoutMs, 5_000);
  const over = parse({ env: { POT_KEY_SOURCE: "aws-kms:alias/pot" }, file });
  assert.deepEqual(over.signing?.source, { kind: "aws-kms", keyId: "alias/pot" });
});

Deno.test("parseConfig() takes no time limit for a key that a timer would not keep", () => {
  const limits = { POT_KEY_TIMEOUT: "1d", POT_SIGNER_TIMEOUT: "24h" };
  const { timeoutMs, signerTimeoutMs } = parse({ env: limits }).keys;
  assert.deepEqual([timeoutMs, signerTimeoutMs], [86_400_000, 86_400_000]);
  assert.deepEqual(mistakes({ env: { POT_KEY_TIMEOUT: "25d", POT_SIGNER_TIMEOUT: "1441m" } }), [
    'POT_KEY_TIMEOUT must be a time such as 30s or 2m, up to 1d (is "25d")',
    'POT_SIGNER_TIMEOUT must be a time such as 90s, 2m or 10m, up to 1d (is "1441m")',
  ]);
});

Deno.test("parseConfig() starts a keystore's path where pot.jsonc lies", () => {
  for (const [text, path] of [["keystore:a.json", "/srv/pot/a.json"], ["keystore:/b.json", "/b.json"]]) {
    assert.deepEqual(parse({ env: { POT_KEY_SOURCE: text! } }).signing, {
      source: { kind: "keystore", path },
      uri: `keystore:${path}`,
    });
  }
});

Deno.test("parseConfig() takes the variable that a source names, and reads it from nowhere else", () => {
  const { signing, keys } = parse({ env: { POT_KEY_SOURCE: "env:SIGNING_KEY", SIGNING_KEY: KEY } });
  assert.deepEqual(signing?.source, { kind: "env", variable: "SIGNING_KEY" });
  assert.equal(keys.readVariable("SIGNING_KEY"), KEY);
  // Reading commands need no key.
  assert.equal(parse({ env: { POT_KEY_SOURCE: "env:SIGNING_KEY" } }).signing?.uri, "env:SIGNING_KEY");
  assert.deepEqual(mistakes({ env: { POT_KEY_SOURCE: "env:SIGNING_KEY", SIGNING_KEY: `${KEY}00` } }), [
    "SIGNING_KEY must be 64 hex characters, with or without 0x",
  ]);
});

Deno.test("parseConfig() takes one source, and one that is given as a flag in place of all others", () => {
  const both = "must not be given together: which key signs?";
  const env = { PRIVATE_KEY: KEY };
  assert.deepEqual(mistakes({ env: { ...env, POT_KEY_SOURCE: "aws-kms:alias/pot" } }), [
    `PRIVATE_KEY and POT_KEY_SOURCE ${both}`,
  ]);
  assert.deepEqual(
    mistakes({ env: { ...env, POT_KEYSTORE: "a.json" }, file: { keySource: "env:OTHER" } }),
    [`PRIVATE_KEY, POT_KEYSTORE and keySource in pot.jsonc ${both}`],
  );
  // The same key, named twice.
  for (const source of ["env:", "env:PRIVATE_KEY"]) {
    const { signing } = parse({ env: { ...env, POT_KEY_SOURCE: source } });
    assert.deepEqual(signing?.source, { kind: "env", variable: "PRIVATE_KEY" });
  }
  const { signing } = parse({
    env: { ...env, POT_KEY_SOURCE: "aws-kms:alias/pot" },
    flags: { keystore: "/srv/a.json" },
  });
  assert.equal(signing?.uri, "keystore:/srv/a.json");
});

Deno.test("parseConfig() never shows what stands where a source should", () => {
  for (
    const wrong of [
      KEY,
      `0x${KEY}`,
      `env:${KEY}`,
      KEY.slice(1),
      "test test test junk",
      "signer:http://a.example",
    ]
  ) {
    const [mistake, ...others] = mistakes({ env: { POT_KEY_SOURCE: wrong } });
    assert.deepEqual(others, []);
    assert.match(
      mistake!,
      /^POT_KEY_SOURCE must be env:\[<variable>\], keystore:<file>, .* \(http:\/\/ only to this machine\)$/,
    );
    assert.ok(!mistake!.includes(wrong));
  }
  assert.match(mistakes({ file: { keySource: KEY } })[0]!, /^keySource in pot.jsonc must be env:/);
  assert.deepEqual(mistakes({ file: { vaultToken: "hvs.topsecret" } }), [
    "vaultToken must not stand in pot.jsonc: give secrets in the environment (PRIVATE_KEY)",
  ]);
});

Deno.test("parseConfig() notices two addresses, and two of one secret", () => {
  const other = `0x${"b2".repeat(20)}`;
  const source = `signer:https://signer.example?address=${ADDRESS}`;
  assert.deepEqual(mistakes({ env: { POT_KEY_SOURCE: source, POT_SIGNER_ADDRESS: other } }), [
    `POT_SIGNER_ADDRESS must be the address that POT_KEY_SOURCE names (is ${other})`,
  ]);
  const same = ADDRESS.toUpperCase().replace("0X", "0x");
  assert.equal(parse({ env: { POT_KEY_SOURCE: source, POT_SIGNER_ADDRESS: same } }).signing?.address, same);
  assert.deepEqual(
    mistakes({
      env: { VAULT_TOKEN: "a", VAULT_TOKEN_FILE: "b", VAULT_SECRET_ID: "c" },
      file: { vaultSecretIdFile: "d" },
    }),
    [
      "VAULT_TOKEN and VAULT_TOKEN_FILE must not be given together",
      "VAULT_SECRET_ID and vaultSecretIdFile in pot.jsonc must not be given together",
    ],
  );
  const { vault } = parse({ env: { VAULT_TOKEN_FILE: "b", VAULT_NAMESPACE: "team/ml" } }).keys;
  assert.deepEqual(vault, { tokenFile: "/srv/pot/b", namespace: "team/ml" });
});
