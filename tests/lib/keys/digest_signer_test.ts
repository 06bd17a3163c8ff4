import assert from "node:assert/strict";
import { parseTransaction } from "viem/utils";
import { privateKeyToAccount, sign } from "viem/accounts";
import type { PotError } from "../../../lib/core/errors.ts";
import { createAccountSigner } from "../../../lib/keys/account_signer.ts";
import { createDigestSigner, type EcdsaSignature } from "../../../lib/keys/digest_signer.ts";
import { randomTransactions } from "../../_fakes/random_transactions.ts";

const KEY = "0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80";
const ACCOUNT = privateKeyToAccount(KEY);
const PUBLIC_KEY = Uint8Array.fromHex(ACCOUNT.publicKey.slice(2));
const ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;
const HALF = ORDER / 2n;
const [TRANSACTION] = randomTransactions(1, 3);

const bytes = (value: bigint) => Uint8Array.fromHex(value.toString(16).padStart(64, "0"));

/** The same numbers as the account's; the high s of every second one. */
function signWith(privateKey: `0x${string}`) {
  let count = 0;
  return async (digest: Uint8Array): Promise<EcdsaSignature> => {
    const { r, s } = await sign({ hash: `0x${digest.toHex()}`, privateKey });
    return { r: bytes(BigInt(r)), s: bytes(count++ % 2 === 0 ? BigInt(s) : ORDER - BigInt(s)) };
  };
}

Deno.test("createDigestSigner() writes the same bytes as the local account for 1 000 random transactions", async () => {
  const account = await createAccountSigner(KEY);
  const signer = await createDigestSigner({ publicKey: PUBLIC_KEY, signDigest: signWith(KEY) });
  assert.equal(signer.address, ACCOUNT.address);
  const seen = { legacy: 0, eip1559: 0, deploy: 0, data: 0, odd: 0 };
  for (const transaction of randomTransactions(1_000, 20)) {
    const signed = await signer.signTransaction(transaction);
    assert.equal(signed, await account.signTransaction(transaction));
    const { s = "0x0", yParity, v } = parseTransaction(signed);
    assert.ok(BigInt(s) <= HALF);
    seen[transaction.type]++;
    if (transaction.to === undefined) seen.deploy++;
    if (transaction.data !== undefined) seen.data++;
    if ((yParity ?? Number((v ?? 0n) % 2n)) === 1) seen.odd++;
  }
  assert.ok(Object.values(seen).every((count) => count > 100), JSON.stringify(seen));
});

Deno.test("createDigestSigner() takes an address in any case, in place of the public key", async () => {
  for (const address of [ACCOUNT.address, ACCOUNT.address.toLowerCase()]) {
    const signer = await createDigestSigner({ address: address as `0x${string}`, signDigest: signWith(KEY) });
    assert.equal(signer.address, ACCOUNT.address);
    assert.equal(
      await signer.signTransaction(TRANSACTION!),
      await (await createAccountSigner(KEY)).signTransaction(TRANSACTION!),
    );
  }
});

Deno.test("createDigestSigner() refuses what is no signature, or another key's", async () => {
  const good = await signWith(KEY)(new Uint8Array(32));
  const other = `0x${"5".repeat(64)}` as const;
  const wrong: readonly [reason: string, (digest: Uint8Array) => Promise<EcdsaSignature>][] = [
    ["the signature is another key's", signWith(other)],
    ["the signature is another key's", () => Promise.resolve(good)],
    ["what came back is no signature", () => Promise.resolve({ ...good, r: new Uint8Array(32) })],
    ["what came back is no signature", () => Promise.resolve({ ...good, s: new Uint8Array(32) })],
    ["what came back is no signature", () => Promise.resolve({ ...good, s: bytes(ORDER) })],
    ["what came back is no signature", () => Promise.resolve({ ...good, r: good.r.subarray(1) })],
  ];
  for (const [reason, signDigest] of wrong) {
    const signer = await createDigestSigner({ publicKey: PUBLIC_KEY, signDigest });
    await assert.rejects(signer.signTransaction(TRANSACTION!), {
      name: "PotError",
      message: `Cannot sign as ${reason}`,
      facts: [`account: ${ACCOUNT.address}`],
    });
  }
});

Deno.test("createDigestSigner() refuses a public key that is no point of secp256k1", async () => {
  const offCurve = PUBLIC_KEY.slice();
  offCurve[64]! ^= 1;
  // The generator of P-256.
  const p256 = Uint8Array.fromHex(
    "046b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296" +
      "4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5",
  );
  for (const publicKey of [offCurve, p256, PUBLIC_KEY.subarray(1), new Uint8Array(65), new Uint8Array(0)]) {
    await assert.rejects(createDigestSigner({ publicKey, signDigest: signWith(KEY) }), {
      name: "UsageError",
      message: "Cannot sign as the public key is no uncompressed point of secp256k1",
    });
  }
  await assert.rejects(createDigestSigner({ address: "0x12", signDigest: signWith(KEY) }), {
    name: "UsageError",
  });
});

Deno.test("createDigestSigner() gives up in time, even where the signal is not heeded", async () => {
  let told: AbortSignal | undefined;
  const signer = await createDigestSigner({
    publicKey: PUBLIC_KEY,
    timeoutMs: 20,
    signDigest: (_digest, { signal }) => {
      told = signal;
      return new Promise(() => {});
    },
  });
  await assert.rejects(signer.signTransaction(TRANSACTION!), (error: PotError) => {
    assert.deepEqual([error.name, error.facts[1]], ["UnreachableError", "waited: 20 ms"]);
    return true;
  });
  assert.ok(told?.aborted);
});
