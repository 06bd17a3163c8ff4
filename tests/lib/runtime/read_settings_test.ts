import assert from "node:assert/strict";
import { readSettings } from "../../../lib/runtime/read_settings.ts";
import { type SettingName, SETTINGS } from "../../../lib/runtime/settings.ts";

const FILES = [["a", "a"], ["/run/secrets/b", "/run/secrets/b"], ["c d", "c d"]] as const;
const URLS = ["https://a.example/b", "http://127.0.0.1:1/c", "https://d.example"].map((url) =>
  [url, url] as const
);
const LEVELS = [["info", "info"], ["critical", "critical"], ["warning", "warning"]] as const;

/** For each setting three good texts and what they become. */
const SAMPLES: { readonly [Name in SettingName]: readonly (readonly [string, unknown])[] } = {
  home: [["a", "a"], ["/b", "/b"], ["c/d e", "c/d e"]],
  proofs: [["a", "a"], ["/b", "/b"], ["c/d e", "c/d e"]],
  origin: [["pot/a", "pot/a"], ["b", "b"], ["é.example/log", "é.example/log"]],
  logUrl: ["a", "b?sslmode=disable", "c?sslmode=verify-ca&sslrootcert=ca.pem"].map((
    end,
  ) => [`postgres://user:password@db.example/${end}`, `postgres://user:password@db.example/${end}`]),
  chain: [["evm", "evm"], ["local", "local"], ["evm", "evm"]],
  access: [["open", "open"], ["tokens", "tokens"], ["open", "open"]],
  token: [["pot_1_2", "pot_1_2"], ["3", "3"], ["four", "four"]],
  tokenFile: [["a", "a"], ["/run/secrets/b", "/run/secrets/b"], ["c", "c"]],
  backupTargets: [
    ["/srv/backup", [{ kind: "folder", name: "folder", path: "/srv/backup" }]],
    ["a=b", [{ kind: "folder", name: "a", path: "b" }]],
    ["s3://bucket/x?region=r-1", [{ kind: "s3", name: "s3", bucket: "bucket", prefix: "x/", region: "r-1" }]],
  ],
  backupRecipients: ["q", "p", "z"].map((
    letter,
  ) => [`age1${letter.repeat(58)}`, [`age1${letter.repeat(58)}`]]),
  backupIdentity: ["Q", "P", "Z"].map((
    letter,
  ) => [`AGE-SECRET-KEY-1${letter.repeat(58)}`, [`AGE-SECRET-KEY-1${letter.repeat(58)}`]]),
  backupIdentityFile: [["a", "a"], ["/run/secrets/b", "/run/secrets/b"], ["c", "c"]],
  backupKeep: [["last=3", { last: 3 }], ["daily=7,yearly=1", { daily: 7, yearly: 1 }], ["hourly=24", {
    hourly: 24,
  }]],
  awsAccessKeyId: [["AKIA1", "AKIA1"], ["2", "2"], ["three", "three"]],
  awsSecretAccessKey: [["a/b+c=", "a/b+c="], ["2", "2"], ["three", "three"]],
  awsSessionToken: [["a/b+c=", "a/b+c="], ["2", "2"], ["three", "three"]],
  awsRegion: [["eu-central-1", "eu-central-1"], ["b", "b"], ["c", "c"]],
  fallback: [["none", "none"], ["local", "local"], ["none", "none"]],
  anchoring: [["each", "each"], ["batched", "batched"], ["each", "each"]],
  network: [["polygon", "polygon"], ["sepolia", "sepolia"], ["x-1", "x-1"]],
  chainId: [["1", 1], ["137", 137], ["9007199254740991", Number.MAX_SAFE_INTEGER]],
  rpcUrls: [["https://a.example", ["https://a.example"]], ["https://b.example", ["https://b.example"]], [
    "https://c.example,https://d.example",
    ["https://c.example", "https://d.example"],
  ]],
  rpcSelection: [["health", "health"], ["round-robin", "round-robin"], ["health", "health"]],
  rpcRate: [["1", 1], ["25", 25], ["1000", 1_000]],
  contract: ["1", "2", "3"].map((digit) => [`0x${digit.repeat(40)}`, `0x${digit.repeat(40)}`]),
  contractOwner: ["1", "2", "3"].map((digit) => [`0x${digit.repeat(40)}`, `0x${digit.repeat(40)}`]),
  privateKey: ["1", "2", "3"].map((digit) => [digit.repeat(64), digit.repeat(64)]),
  caFile: [["ca.pem", "ca.pem"], ["/etc/ca.pem", "/etc/ca.pem"], ["a b", "a b"]],
  keySource: [
    ["env:", { kind: "env", variable: "PRIVATE_KEY" }],
    ["aws-kms:alias/pot", { kind: "aws-kms", keyId: "alias/pot" }],
    ["keystore:/a.json", { kind: "keystore", path: "/a.json" }],
  ],
  signerAddress: ["1", "2", "a"].map((digit) => [`0x${digit.repeat(40)}`, `0x${digit.repeat(40)}`]),
  keyTimeoutMs: [["1s", 1_000], ["30s", 30_000], ["2m", 120_000]],
  signerTimeoutMs: [["90s", 90_000], ["2m", 120_000], ["10m", 600_000]],
  vaultToken: [["hvs.a", "hvs.a"], ["s.b", "s.b"], ["c", "c"]],
  vaultTokenFile: [["a", "a"], ["/run/secrets/b", "/run/secrets/b"], ["c", "c"]],
  vaultRoleId: [["a-1", "a-1"], ["b", "b"], ["c", "c"]],
  vaultSecretId: [["a-1", "a-1"], ["b", "b"], ["c", "c"]],
  vaultSecretIdFile: [["a", "a"], ["/run/secrets/b", "/run/secrets/b"], ["c", "c"]],
  vaultNamespace: [["team", "team"], ["team/ml", "team/ml"], ["a/b/", "a/b/"]],
  keystore: [["a.json", "a.json"], ["/b/c.json", "/b/c.json"], ["d e", "d e"]],
  keystorePassphrase: [["one two", "one two"], ["3", "3"], [" four ", " four "]],
  keystorePassphraseFile: [["a", "a"], ["/run/secrets/b", "/run/secrets/b"], ["c", "c"]],
  fixedFeePerGasWei: [["1", 10n ** 9n], ["0.5", 5n * 10n ** 8n], ["30", 30n * 10n ** 9n]],
  maxFeePerGasWei: [["1", 10n ** 9n], ["0.000000001", 1n], ["999999999", 999_999_999n * 10n ** 9n]],
  maxPriorityFeePerGasWei: [["1", 10n ** 9n], ["0.001", 10n ** 6n], ["50", 50n * 10n ** 9n]],
  etherscanKey: [["A1b2", "A1b2"], ["c_d-e", "c_d-e"], ["9", "9"]],
  etherscanUrl: ["a", "b", "c"].map((
    name,
  ) => [`https://${name}.example/v2/api`, `https://${name}.example/v2/api`]),
  sourcifyUrl: ["a", "b", "c"].map((name) => [`https://${name}.example`, `https://${name}.example`]),
  confirmations: [["1", 1], ["2", 2], ["30", 30]],
  maxTransactionCostWei: [["1", 10n ** 18n], ["0.05", 5n * 10n ** 16n], ["0.000000000000000001", 1n]],
  deferFeeAboveWei: [["1", 10n ** 9n], ["0.5", 5n * 10n ** 8n], ["40", 40n * 10n ** 9n]],
  anchorWithinMs: [["90s", 90_000], ["10m", 600_000], ["2d", 172_800_000]],
  dailyTransactions: [["1", 1], ["2", 2], ["300", 300]],
  dailySpendWei: [["1", 10n ** 18n], ["0.5", 5n * 10n ** 17n], ["12.25", 1225n * 10n ** 16n]],
  monthlyTransactions: [["1", 1], ["2", 2], ["3000", 3_000]],
  monthlySpendWei: [["1", 10n ** 18n], ["0.5", 5n * 10n ** 17n], ["100", 10n ** 20n]],
  maxInFlight: [["1", 1], ["64", 64], ["4000", 4_000]],
  stuckAfterMs: [["1s", 1_000], ["6h", 21_600_000], ["3m", 180_000]],
  finalQuorum: [["1", 1], ["2", 2], ["3", 3]],
  price: [["0.45", 0.45], ["3000", 3_000], ["0.000001", 0.000001]],
  priceCurrency: [["USD", "USD"], ["EUR", "EUR"], ["CHF", "CHF"]],
  priceUrl: ["a", "b", "c"].map((
    key,
  ) => [`https://price.example/?key=${key}`, `https://price.example/?key=${key}`]),
  pricePath: [["pol.usd", "pol.usd"], ["price", "price"], ["a-b.c_d.0", "a-b.c_d.0"]],
  dailyCostAlert: [["5", 5], ["0.5", 0.5], ["100", 100]],
  monthlyCostAlert: [["5", 5], ["0.5", 0.5], ["100", 100]],
  dailyVolumeAlert: [["1", 1], ["200", 200], ["5000", 5_000]],
  alertSource: [["pot-prod", "pot-prod"], ["a b", "a b"], ["é", "é"]],
  slackToken: ["xoxb-12345678", "xoxe.xoxb-1-abc", "xoxp-12345678"].map((token) => [token, token]),
  slackTokenFile: FILES,
  slackChannel: [["C0123456789", "C0123456789"], ["#alerts", "#alerts"], ["ops-é", "ops-é"]],
  slackApiUrl: URLS,
  slackWebhookUrl: URLS,
  slackWebhookUrlFile: FILES,
  slackSeverity: LEVELS,
  pagerdutyKey: ["a", "B", "3"].map((digit) => [digit.repeat(32), digit.repeat(32)]),
  pagerdutyKeyFile: FILES,
  pagerdutyUrl: URLS,
  pagerdutySeverity: LEVELS,
  smtpUrl: ["smtp://mail.example", "smtps://a:b@mail.example", "smtp://a:b%20c@127.0.0.1:2525"].map((
    url,
  ) => [url, url]),
  smtpUrlFile: FILES,
  alertEmailFrom: [["pot@a.example", "pot@a.example"], ["a+b@c.d", "a+b@c.d"], [
    "x@localhost",
    "x@localhost",
  ]],
  alertEmailTo: [["a@b.example", ["a@b.example"]], ["a@b.c, d@e.f", ["a@b.c", "d@e.f"]], ["a@b,a@b", [
    "a@b",
  ]]],
  alertEmailSeverity: LEVELS,
  alertWebhookUrl: URLS,
  alertWebhookUrlFile: FILES,
  alertWebhookSecret: ["a", " ", "~"].map((character) => [character.repeat(16), character.repeat(16)]),
  alertWebhookSecretFile: FILES,
  alertWebhookSeverity: LEVELS,
  heartbeatUrl: URLS,
  heartbeatUrlFile: FILES,
};

for (const name of Object.keys(SETTINGS) as SettingName[]) {
  const { env: [first, ...others], key } = SETTINGS[name];
  const [[a, ofA], [b, ofB], [c, ofC]] = SAMPLES[name] as [
    [string, unknown],
    [string, unknown],
    [string, unknown],
  ];

  Deno.test(`readSettings() takes ${name} from flag over ${first} over ${key ?? "nothing else"}`, () => {
    const value = (sources: Parameters<typeof readSettings>[0]) => {
      const { values, mistakes } = readSettings(sources);
      assert.deepEqual(mistakes, []);
      return values[name];
    };
    const file = key === undefined ? {} : { [key]: c };
    assert.deepEqual(value({ env: { [first!]: b }, flags: { [name]: a }, file }), ofA);
    assert.deepEqual(value({ env: { [first!]: b }, file }), ofB);
    for (const other of others) {
      assert.deepEqual(value({ env: { [other]: a, [first!]: b }, file }), ofB);
      assert.deepEqual(value({ env: { [other]: a, [first!]: "" }, file }), ofA);
    }
    // An empty variable is an absent one.
    assert.deepEqual(value({ env: { [first!]: "" }, file }), key === undefined ? undefined : ofC);
    assert.deepEqual(value({ env: {} }), undefined);
  });
}

Deno.test("readSettings() has each variable and each file key once", () => {
  const variables = Object.values(SETTINGS).flatMap(({ env }) => env);
  const keys = Object.values(SETTINGS).flatMap(({ key }) => (key === undefined ? [] : [key]));
  assert.equal(new Set(variables).size, variables.length);
  assert.equal(new Set(keys).size, keys.length);
  for (const name of ["RPC_URL", "CHAIN_ID", "CONTRACT_ADDRESS", "PRIVATE_KEY", "GAS_PRICE_GWEI"]) {
    assert.ok(variables.includes(name), name);
  }
});

Deno.test("readSettings() keeps the private key out of the file", () => {
  assert.equal(SETTINGS.privateKey.key, undefined);
});

Deno.test("readSettings() takes numbers and lists from the file", () => {
  const { values, mistakes } = readSettings({
    env: {},
    file: {
      chainId: 137,
      maxFeeGwei: 0.5,
      confirmations: 3,
      rpcUrls: ["https://a.example", "https://b.example"],
    },
  });
  assert.deepEqual(mistakes, []);
  assert.deepEqual(values, {
    chainId: 137,
    maxFeePerGasWei: 500_000_000n,
    confirmations: 3,
    rpcUrls: ["https://a.example", "https://b.example"],
  });
});

Deno.test("readSettings() refuses values of a kind that no setting has", () => {
  const wrong: readonly unknown[] = [true, null, {}, [1], ["https://a.example,https://b.example"], [[]]];
  for (const value of wrong) {
    const { values, mistakes } = readSettings({ env: {}, file: { rpcUrls: value, chainId: value } });
    assert.deepEqual(values, {}, JSON.stringify(value));
    assert.deepEqual(mistakes, [
      "chainId in pot.jsonc must be a whole number from 1, such as 137 (is neither text nor number)",
      "rpcUrls in pot.jsonc must be https:// or wss:// URLs, comma-separated (http:// and ws:// only to this machine)",
    ]);
  }
});

Deno.test("readSettings() refuses what only looks like a value", () => {
  const wrong: Readonly<Partial<Record<SettingName, readonly string[]>>> = {
    origin: ["a b", "a+b", "a\n", "a".repeat(201), "a\u0007"],
    chain: ["EVM", " evm", "constructor"],
    chainId: ["0", "-1", "1.0", "1e3", "0x1", " 1", "9007199254740992", "99999999999999999"],
    rpcUrls: [",", " ", "https//x", "https://"],
    contract: ["0x", "0X".padEnd(42, "1"), "1".repeat(40), "0x".padEnd(43, "1"), "0x".padEnd(42, "g")],
    privateKey: ["0x", "1".repeat(63), "1".repeat(65), "0x".padEnd(65, "1"), `${"1".repeat(64)}\n`],
    fixedFeePerGasWei: ["0", "0.0", "-1", "1e9", ".5", "1.", "1.0000000001", "1,5", "1234567890"],
    confirmations: ["0", "1.5", "-1"],
    network: ["Polygon", "", "a".repeat(41), "a b"],
    home: ["a\0b"],
    proofs: ["a\0b"],
    slackToken: ["xoxb", "token-12345678", "xoxb-1234 5678", "xoxb-12345678\n"],
    slackChannel: ["<!channel>", "a b", "##a", "a,b", "C1\n"],
    slackSeverity: ["CRITICAL", "fatal", " info"],
    pagerdutyKey: ["a".repeat(31), "a".repeat(33), `${"a".repeat(31)}-`],
    smtpUrl: ["mail.example", "http://mail.example", "smtp://a@mail.example", "smtp://a:%0d%0a@mail.example"],
    alertEmailFrom: ["Pot <pot@a.example>", "a@b@c", "a b@c.d", "a@b.c\r\nBcc: d@e.f", "@a", "a@", "a@-b"],
    alertEmailTo: [",", "a@b.c;d@e.f", "a", Array.from({ length: 51 }, (_, i) => `a${i}@b.c`).join(",")],
    alertWebhookSecret: ["short", "a".repeat(15), "a".repeat(201), "é".repeat(20)],
    heartbeatUrl: ["http://a.example", "ftp://a.example"],
  };
  for (const [name, texts] of Object.entries(wrong)) {
    for (const text of texts) {
      const { values, mistakes } = readSettings({ env: {}, flags: { [name]: text } });
      assert.deepEqual([values, mistakes.length], [{}, 1], `${name}: ${JSON.stringify(text)}`);
    }
  }
});

Deno.test("readSettings() cuts a long wrong value short", () => {
  const { mistakes } = readSettings({ env: { POT_CHAIN: "z".repeat(10_000) } });
  assert.deepEqual(mistakes, [`POT_CHAIN must be "evm" or "local" (is "${"z".repeat(80)}…")`]);
});

Deno.test("readSettings() says how each given setting was called, the wrong ones too", () => {
  const { names } = readSettings({
    flags: { network: "x", maxFeePerGasWei: "1" },
    env: { RPC_URL: "nonsense" },
    file: { chainId: 1 },
  });
  assert.deepEqual(names, {
    network: "--network",
    maxFeePerGasWei: "--max-fee-per-gas-wei",
    rpcUrls: "RPC_URL",
    chainId: "chainId in pot.jsonc",
  });
});
