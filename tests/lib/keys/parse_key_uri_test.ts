import assert from "node:assert/strict";
import fc from "fast-check";
import { redactText } from "../../../lib/core/redact.ts";
import { formatKeyUri } from "../../../lib/keys/format_key_uri.ts";
import { KEY_URI_EXPECTED, type KeyUri, parseKeyUri } from "../../../lib/keys/parse_key_uri.ts";

const KEY = "ac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80";
const ID = "1234abcd-12ab-34cd-56ef-1234567890ab";
const ARN = `arn:aws:kms:eu-central-1:111122223333:key/${ID}`;
const PARAMETER_ARN = "arn:aws:ssm:us-gov-west-1:111122223333:parameter/pot/key";
const ADDRESS = "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266";
const VERSION = "0123456789abcdef0123456789abcdef";

const GOOD: readonly [text: string, uri: KeyUri][] = [
  ["env:", { kind: "env", variable: "PRIVATE_KEY" }],
  ["env:_My_KEY2", { kind: "env", variable: "_My_KEY2" }],
  ["keystore:a b/c:d.json", { kind: "keystore", path: "a b/c:d.json" }],
  ["aws-ssm:", { kind: "aws-ssm", parameter: "/pot/blockchain/private-key" }],
  ["aws-ssm:?region=eu-west-3", {
    kind: "aws-ssm",
    parameter: "/pot/blockchain/private-key",
    region: "eu-west-3",
  }],
  ["aws-ssm:/a/b.c-d_E:3", { kind: "aws-ssm", parameter: "/a/b.c-d_E:3" }],
  ["aws-ssm:name:label", { kind: "aws-ssm", parameter: "name:label" }],
  [`aws-ssm:${PARAMETER_ARN}`, { kind: "aws-ssm", parameter: PARAMETER_ARN, region: "us-gov-west-1" }],
  [`aws-kms:${ID}`, { kind: "aws-kms", keyId: ID }],
  ["aws-kms:mrk-" + VERSION, { kind: "aws-kms", keyId: "mrk-" + VERSION }],
  ["aws-kms:alias/pot/main?region=ap-southeast-2&endpoint=http://127.0.0.1:4566", {
    kind: "aws-kms",
    keyId: "alias/pot/main",
    region: "ap-southeast-2",
    endpoint: "http://127.0.0.1:4566",
  }],
  [`aws-kms:${ARN}`, { kind: "aws-kms", keyId: ARN, region: "eu-central-1" }],
  [`aws-kms:${ARN}?region=eu-central-1`, { kind: "aws-kms", keyId: ARN, region: "eu-central-1" }],
  ["azure-secret:https://v.vault.azure.net", {
    kind: "azure-secret",
    vaultUrl: "https://v.vault.azure.net",
    secret: "blockchain-private-key",
  }],
  [`azure-secret:https://v.vault.azure.net/name/${VERSION}`, {
    kind: "azure-secret",
    vaultUrl: "https://v.vault.azure.net",
    secret: "name",
    version: VERSION,
  }],
  ["azure-key:https://v.vault.azure.net/signer", {
    kind: "azure-key",
    vaultUrl: "https://v.vault.azure.net",
    key: "signer",
  }],
  ["vault:https://vault.example:8200", {
    kind: "vault",
    url: "https://vault.example:8200",
    mount: "secret",
    path: "pot/blockchain",
    field: "private_key",
  }],
  ["vault:http://localhost:8200/team%2Fkv/a/b#key", {
    kind: "vault",
    url: "http://localhost:8200",
    mount: "team/kv",
    path: "a/b",
    field: "key",
  }],
  ["vault:https://vault.example#key", {
    kind: "vault",
    url: "https://vault.example",
    mount: "secret",
    path: "pot/blockchain",
    field: "key",
  }],
  ["signer:https://signer.example/rpc/1", { kind: "signer", url: "https://signer.example/rpc/1" }],
  [`signer:http://[::1]:9000?address=${ADDRESS}`, {
    kind: "signer",
    url: "http://[::1]:9000/",
    address: ADDRESS,
  }],
];

Deno.test("parseKeyUri() reads every form, and fills in what the prototype used", () => {
  for (const [text, uri] of GOOD) assert.deepEqual(parseKeyUri(text), uri, text);
});

Deno.test("formatKeyUri() writes what parseKeyUri() reads as the same", () => {
  for (const [text, uri] of GOOD) assert.deepEqual(parseKeyUri(formatKeyUri(uri)), uri, text);
});

const BAD: readonly string[] = [
  "",
  "env",
  "PRIVATE_KEY",
  "ENV:",
  " env:",
  "env:A-B",
  "env:1A",
  "env:A\n",
  "file:/a",
  "constructor:",
  // The key itself in the place of its name.
  KEY,
  `0x${KEY}`,
  `env:${KEY}`,
  `keystore:${KEY}`,
  `keystore:0x${KEY}`,
  `aws-ssm:${KEY}`,
  "keystore:",
  "keystore:a\0b",
  "aws-ssm:/a//b",
  "aws-ssm:/a b",
  "aws-ssm:/a?region=Frankfurt",
  "aws-ssm:/a?region=eu-central-1&region=eu-central-1",
  "aws-ssm:/a?profile=x",
  "aws-ssm:/a?endpoint=http://ssm.example.org",
  "aws-ssm:/a?endpoint=https://u:p@ssm.example.org",
  "aws-ssm:/a?endpoint=https://ssm.example.org/path",
  "aws-ssm:/a?endpoint=https://ssm.example.org%3Fa",
  `aws-ssm:${PARAMETER_ARN}?region=us-east-1`,
  "aws-kms:",
  "aws-kms:alias/",
  "aws-kms:pot",
  `aws-kms:${ID.toUpperCase()}`,
  `aws-kms:arn:aws:kms:eu-central-1:111122223333:key/alias/pot`,
  `aws-kms:${ARN}?region=us-east-1`,
  "azure-secret:v.vault.azure.net",
  "azure-secret:http://v.vault.azure.net",
  "azure-secret:https://v.vault.azure.net/a_b",
  "azure-secret:https://v.vault.azure.net/a/newest",
  "azure-secret:https://v.vault.azure.net/a?b",
  "azure-key:https://v.vault.azure.net",
  "azure-key:https://v.vault.azure.net/a/b/c",
  "vault:https://vault.example/secret",
  "vault:https://vault.example/secret/",
  "vault:https://vault.example/secret/../x/y",
  "vault:https://vault.example/secret/%2e%2e/x",
  "vault:https://vault.example/secret//x",
  "vault:https://vault.example/secret/x#a b",
  "vault:https://vault.example/secret/x?version=1",
  "vault:http://vault.example",
  "vault:https://u:p@vault.example",
  "vault:https:\\\\vault.example",
  "signer:http://signer.example",
  "signer:http://127.0.0.1.example.org",
  "signer:https://user@signer.example",
  "signer:https://signer.example/#x",
  "signer:https://signer.example?key=1",
  "signer:https://signer.example?address=0x12",
  `signer:https://signer.example?address=${ADDRESS}&address=${ADDRESS}`,
  "signer:wss://signer.example",
];

Deno.test("parseKeyUri() refuses every other form", () => {
  for (const text of BAD) assert.equal(parseKeyUri(text), undefined, JSON.stringify(text));
});

Deno.test("parseKeyUri() never throws, and what it reads is written and read the same again", () => {
  const kinds = fc.constantFrom(...new Set(GOOD.map(([text]) => text.slice(0, text.indexOf(":") + 1))));
  const pieces = fc.array(
    fc.oneof(
      fc.constantFrom(
        "https://h.example",
        "http://127.0.0.1",
        "/a",
        "%2F",
        "?region=eu-west-1",
        "#f",
        ":",
        "alias/x",
      ),
      fc.string({ maxLength: 5 }),
    ),
    { maxLength: 5 },
  ).map((parts) => parts.join(""));
  let read = 0;
  fc.assert(
    fc.property(kinds, pieces, (kind, rest) => {
      const uri = parseKeyUri(kind + rest);
      if (uri === undefined) return;
      read++;
      assert.deepEqual(parseKeyUri(formatKeyUri(uri)), uri);
    }),
    { numRuns: 3_000 },
  );
  assert.ok(read > 300, `only ${read} were read`);
});

Deno.test("KEY_URI_EXPECTED can be read after redaction too", () => {
  assert.equal(redactText(KEY_URI_EXPECTED), KEY_URI_EXPECTED);
});
