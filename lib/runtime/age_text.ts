import { armor, Decrypter, Encrypter } from "age-encryption";
import { UsageError } from "../core/errors.ts";

export interface EncryptTextOptions {
  readonly passphrase: string;
  /** Base-2 logarithm of the scrypt cost; each step doubles the work of guessing. @default 18, as the age tool */
  readonly workFactor?: number;
}

/** Encrypts text with a passphrase as an armored age file, which `age -d` reads too (age-encryption.org/v1, scrypt recipient). */
export async function encryptText(
  text: string,
  { passphrase, workFactor = 18 }: EncryptTextOptions,
): Promise<string> {
  const encrypter = new Encrypter();
  encrypter.setPassphrase(passphrase);
  encrypter.setScryptWorkFactor(workFactor);
  return armor.encode(await encrypter.encrypt(text));
}

/**
 * Decrypts an age file, armored or not, that was encrypted with a passphrase.
 *
 * @throws {UsageError} when it is none, is damaged, or the passphrase is another one
 */
export async function decryptText(bytes: Uint8Array, passphrase: string): Promise<string> {
  try {
    const decrypter = new Decrypter();
    decrypter.addPassphrase(passphrase);
    return await decrypter.decrypt(unarmor(bytes), "text");
  } catch {
    // The library's messages say no more, and the cause must not carry what was decrypted so far.
    throw new UsageError(
      "Cannot decrypt the file as it is no age file, is damaged, or has another passphrase",
      {
        hint: "try the passphrase again; age -d <file> must be able to read it too",
      },
    );
  }
}

function unarmor(bytes: Uint8Array): Uint8Array {
  const text = new TextDecoder("latin1").decode(bytes);
  return text.startsWith("-----BEGIN AGE ENCRYPTED FILE-----") ? armor.decode(text) : bytes;
}
