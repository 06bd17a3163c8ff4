import assert from "node:assert/strict";
import { join } from "node:path";
import { generateIdentity, identityToRecipient } from "age-encryption";
import {
  decryptAge,
  encryptAge,
  findAgeFault,
  isAgeIdentity,
  isAgeRecipient,
  parseAgeIdentities,
} from "../../../lib/backup/age_stream.ts";
import { inTemporaryFolder } from "../../_fakes/temporary_folder.ts";

const identity = await generateIdentity();
const recipient = await identityToRecipient(identity);
const CHUNK = 64 * 1024;

async function* of(bytes: Uint8Array): AsyncGenerator<Uint8Array, void> {
  for (let at = 0; at < bytes.length; at += 10_000) yield bytes.subarray(at, at + 10_000);
}

async function bytesOf(chunks: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const all: Uint8Array[] = [];
  for await (const chunk of chunks) all.push(chunk.slice());
  return new Uint8Array(await new Blob(all as Uint8Array<ArrayBuffer>[]).arrayBuffer());
}

async function findAge(): Promise<boolean> {
  try {
    return (await new Deno.Command("age", { args: ["--version"], stdout: "null", stderr: "null" }).output())
      .success;
  } catch {
    return false;
  }
}

Deno.test("encryptAge() and decryptAge() go together at every length around a chunk's end", async () => {
  for (const sizeBytes of [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK]) {
    const bytes = new Uint8Array(sizeBytes).fill(5);
    const encrypted = await bytesOf(encryptAge(of(bytes), [recipient]));
    assert.equal(findAgeFault(encrypted.subarray(0, 4_096), encrypted.length), undefined, `${sizeBytes}`);
    assert.deepEqual(await bytesOf(decryptAge(of(encrypted), [identity])), bytes);
  }
});

Deno.test("decryptAge() refuses a flipped bit, a cut, and another identity", async () => {
  const encrypted = await bytesOf(
    encryptAge(of(crypto.getRandomValues(new Uint8Array(30_000))), [recipient]),
  );
  for (let at = 0; at < encrypted.length; at += 997) {
    const flipped = encrypted.slice();
    flipped[at]! ^= 4;
    await assert.rejects(bytesOf(decryptAge(of(flipped), [identity])), `byte ${at}`);
  }
  await assert.rejects(bytesOf(decryptAge(of(encrypted.subarray(0, -1)), [identity])), {
    name: "DamagedBackupError",
  });
  await assert.rejects(bytesOf(decryptAge(of(encrypted), [await generateIdentity()])), {
    name: "UsageError",
    message: "Cannot decrypt the backup as no identity here is among its recipients",
  });
});

Deno.test("findAgeFault() sees a wrong beginning and a length that cannot be", async () => {
  const encrypted = await bytesOf(encryptAge(of(new Uint8Array(CHUNK + 5)), [recipient]));
  const start = encrypted.subarray(0, 4_096);
  assert.equal(findAgeFault(start, encrypted.length), undefined);
  assert.equal(findAgeFault(start, encrypted.length - 10), "its length is none that an age file can have");
  assert.equal(findAgeFault(start.subarray(1), encrypted.length), "it does not begin as an age file");
  assert.equal(findAgeFault(new Uint8Array(), 0), "it does not begin as an age file");
});

Deno.test("parseAgeIdentities() reads what age-keygen writes, and nothing else", () => {
  assert.ok(isAgeRecipient(recipient) && isAgeIdentity(identity));
  assert.deepEqual(parseAgeIdentities(`# created: x\n# public key: ${recipient}\n${identity}\n`), [identity]);
  assert.equal(parseAgeIdentities(recipient), undefined);
  assert.equal(parseAgeIdentities("# nothing\n"), undefined);
});

const hasAge = await findAge();
if (!hasAge) console.log("age is not installed: its part was not run");

Deno.test({
  name: "the stock age reads what encryptAge() wrote, and writes what decryptAge() reads",
  ignore: !hasAge,
  async fn() {
    await inTemporaryFolder(async (folder) => {
      const [key, plain, ours, theirs] = ["key", "plain", "ours", "theirs"].map((name) => join(folder, name));
      const bytes = crypto.getRandomValues(new Uint8Array(65_000));
      await Deno.writeTextFile(key!, `${identity}\n`);
      await Deno.writeFile(plain!, bytes);
      await Deno.writeFile(ours!, await bytesOf(encryptAge(of(bytes), [recipient])));
      const { stdout } = await new Deno.Command("age", { args: ["-d", "-i", key!, ours!] }).output();
      assert.deepEqual(stdout, bytes);
      const { success } = await new Deno.Command("age", { args: ["-r", recipient, "-o", theirs!, plain!] })
        .output();
      assert.ok(success);
      assert.deepEqual(await bytesOf(decryptAge(of(await Deno.readFile(theirs!)), [identity])), bytes);
    });
  },
});
