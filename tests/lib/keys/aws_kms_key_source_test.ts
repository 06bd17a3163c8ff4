import assert from "node:assert/strict";
import { privateKeyToAccount } from "viem/accounts";
import type { PotError } from "../../../lib/core/errors.ts";
import { createAccountSigner } from "../../../lib/keys/account_signer.ts";
import { type AwsKmsKeyOptions, createAwsKmsKeySource } from "../../../lib/keys/aws_kms_key_source.ts";
import {
  type AwsFault,
  type AwsServerOptions,
  startAwsServer,
  type StoredKey,
} from "../../_fakes/aws_server.ts";
import { randomTransactions } from "../../_fakes/random_transactions.ts";

// Anvil's first two accounts: published, worth nothing.
const KEY = "0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80";
const ADDRESS = "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266";
const OTHER_KEY = "0x59c6995e998f97a5a0044966f0945389dc9e86dae88c7a8412f4603b6b78690d";
const CREDENTIALS = { accessKeyId: "AKIAIOSFODNN7EXAMPLE", secretAccessKey: "wJalrXUtnFEMI/K7MDENG" };
const REGION = "us-west-2";
const STORED: StoredKey = { id: "1234abcd-12ab-34cd-56ef-1234567890ab", alias: "alias/pot", privateKey: KEY };

function serve(key: Partial<StoredKey> = {}, options: Partial<AwsServerOptions> = {}) {
  return startAwsServer({
    region: REGION,
    credentials: [CREDENTIALS],
    keys: [{ ...STORED, ...key }],
    ...options,
  });
}

function source(url: string, options: Partial<AwsKmsKeyOptions> = {}) {
  return createAwsKmsKeySource({
    keyId: "alias/pot",
    region: REGION,
    endpoint: url,
    credentials: CREDENTIALS,
    ...options,
  });
}

const [TRANSACTION] = randomTransactions(1, 7);

async function fails(
  doing: Promise<unknown>,
  name: string,
  message: string,
  { hint = /./, fact = "key: alias/pot" }: { readonly hint?: RegExp; readonly fact?: string } = {},
): Promise<void> {
  await assert.rejects(doing, (error: PotError) => {
    assert.deepEqual([error.name, error.message], [name, message]);
    assert.match(error.hint ?? "", hint);
    assert.ok(error.facts.includes(fact), error.facts.join("\n"));
    assert.ok(!Deno.inspect(error, { depth: 20, showHidden: true }).includes(CREDENTIALS.secretAccessKey));
    return true;
  });
}

Deno.test("createAwsKmsKeySource() signs 20 random transactions as the local account does, low s or high", async () => {
  const account = await createAccountSigner(KEY);
  for (const s of ["low", "high"] as const) {
    await using aws = serve({ s });
    const key = source(aws.url);
    assert.equal(key.description, "AWS KMS key alias/pot in us-west-2");
    const signer = await key.open();
    assert.equal(signer.address, ADDRESS);
    for (const transaction of randomTransactions(20, 11)) {
      assert.equal(await signer.signTransaction(transaction), await account.signTransaction(transaction));
    }
    assert.deepEqual([aws.asked[0], new Set(aws.asked.slice(1)), aws.refusals], [
      "kms:GetPublicKey",
      new Set(["kms:Sign"]),
      [],
    ]);
  }
});

Deno.test("createAwsKmsKeySource() takes a key by id and by ARN", async () => {
  await using aws = serve();
  for (const keyId of [STORED.id, `arn:aws:kms:${REGION}:111122223333:key/${STORED.id}`]) {
    assert.equal((await source(aws.url, { keyId }).open()).address, ADDRESS);
  }
});

Deno.test("createAwsKmsKeySource() refuses a key that is not for signing with secp256k1", async () => {
  const notForSigning = "Cannot sign as the key is not for signing with secp256k1";
  const hint = /SIGN_VERIFY and key spec ECC_SECG_P256K1/;
  const cases: readonly [Partial<StoredKey>, fact: string][] = [
    [{ keySpec: "ECC_NIST_P256" }, "key spec: ECC_NIST_P256"],
    [{ keyUsage: "KEY_AGREEMENT" }, "key usage: KEY_AGREEMENT"],
    [{ keySpec: "SYMMETRIC_DEFAULT" }, "error: UnsupportedOperationException"],
  ];
  for (const [key, fact] of cases) {
    await using aws = serve(key);
    await fails(source(aws.url).open(), "UsageError", notForSigning, { hint, fact });
  }
});

Deno.test("createAwsKmsKeySource() refuses a public key of another curve, whatever its key spec says", async () => {
  const point = Uint8Array.fromHex(privateKeyToAccount(KEY).publicKey.slice(2));
  // secp256r1 in the place of secp256k1, at the same length.
  const start = Uint8Array.fromHex("3056301006072a8648ce3d020106052b81040008034200");
  const PublicKey = new Uint8Array([...start, ...point]).toBase64();
  const body = JSON.stringify({ KeySpec: "ECC_SECG_P256K1", KeyUsage: "SIGN_VERIFY", PublicKey });
  await using aws = serve({}, { faultOf: () => ({ body }) });
  await fails(
    source(aws.url).open(),
    "UsageError",
    "Cannot sign as the key is not for signing with secp256k1",
  );
});

Deno.test("createAwsKmsKeySource() signs with the key that it opened, whichever has its alias by now", async () => {
  const keys = [STORED];
  await using aws = serve({}, { keys });
  const signer = await source(aws.url).open();
  const id = "ffffffff-12ab-34cd-56ef-1234567890ab";
  keys.splice(0, 1, { ...STORED, alias: "alias/old" }, { ...STORED, id, privateKey: OTHER_KEY });
  assert.equal(
    await signer.signTransaction(TRANSACTION!),
    await (await createAccountSigner(KEY)).signTransaction(TRANSACTION!),
  );
});

Deno.test("createAwsKmsKeySource() refuses a key that is missing, disabled, being deleted or not allowed", async () => {
  const unusable = "Cannot sign as the key of AWS KMS is disabled, or is being deleted";
  for (const state of ["Disabled", "PendingDeletion"] as const) {
    await using aws = serve({ state });
    await fails(source(aws.url).open(), "UsageError", unusable, { hint: /enable-key.*cancel-key-deletion/ });
  }
  await using aws = serve({}, { denied: ["kms:Sign"] });
  await fails(
    source(aws.url, { keyId: "alias/other" }).open(),
    "UsageError",
    "Cannot sign as AWS has no such key",
    { fact: "key: alias/other" },
  );
  const signer = await source(aws.url).open();
  await fails(
    signer.signTransaction(TRANSACTION!),
    "UsageError",
    "Cannot sign as AWS refuses access to the key",
    {
      hint: /kms:Sign/,
    },
  );
});

Deno.test("createAwsKmsKeySource() says why a signature failed, and signs again when asked again", async () => {
  let fault: AwsFault | undefined;
  await using aws = serve({}, { faultOf: (action) => (action === "kms:Sign" ? fault : undefined) });
  const signer = await source(aws.url, { timeoutMs: 200 }).open();
  const sign = () => signer.signTransaction(TRANSACTION!);
  const cases: readonly [AwsFault, name: string, reason: string][] = [
    [{ type: "ThrottlingException" }, "UnreachableError", "AWS is throttling requests"],
    [{ type: "DisabledException" }, "UsageError", "the key of AWS KMS is disabled, or is being deleted"],
    [{ type: "KMSInternalException", status: 500 }, "UnreachableError", "AWS did not answer"],
    [{ type: "ExpiredTokenException" }, "UsageError", "the AWS credentials have expired"],
    ["cut", "UnreachableError", "AWS did not answer"],
    [{ body: '{"Signature":"MAYCAQECAQA="}' }, "PotError", "what came back is no signature"],
    [{ body: '{"Signature":"AAAA"}' }, "PotError", "AWS answered with no signature"],
    [{ body: "{}" }, "PotError", "AWS answered with no signature"],
    ["hang", "UnreachableError", "the key's holder did not answer in time"],
  ];
  for (const [each, name, reason] of cases) {
    fault = each;
    const fact = /holder|came back/.test(reason) ? `account: ${ADDRESS}` : "key: alias/pot";
    await fails(sign(), name, `Cannot sign as ${reason}`, { fact });
  }
  fault = undefined;
  assert.equal(await sign(), await (await createAccountSigner(KEY)).signTransaction(TRANSACTION!));
});

Deno.test("createAwsKmsKeySource() refuses the signature of another key", async () => {
  await using aws = serve({ impostor: OTHER_KEY });
  const signer = await source(aws.url).open();
  await fails(
    signer.signTransaction(TRANSACTION!),
    "PotError",
    "Cannot sign as the signature is another key's",
    {
      fact: `account: ${ADDRESS}`,
      hint: /nothing was signed or sent/,
    },
  );
});
