import { matching, type SettingTable } from "./setting.ts";

/** Which key signs: what each text becomes. */
export interface KeySettings {
  /** Secret: 64 hex characters, with or without `0x`. */
  privateKey: string;
  /** File with the encrypted key. */
  keystore: string;
  /** Secret: opens that file. */
  keystorePassphrase: string;
  /** File that holds the passphrase, as its one line. */
  keystorePassphraseFile: string;
}

/** Which key signs. */
export const KEY_SETTINGS: SettingTable<KeySettings> = {
  privateKey: {
    env: ["PRIVATE_KEY"],
    expected: "64 hex characters, with or without 0x",
    parse: matching(/^(?:0x)?[0-9a-fA-F]{64}$/),
    isSecret: true,
  },
  keystore: { env: ["POT_KEYSTORE"], key: "keystore", expected: "a file", parse: matching(/^[^\0]+$/) },
  keystorePassphrase: {
    env: ["POT_KEYSTORE_PASSPHRASE"],
    expected: "a passphrase",
    parse: (text) => text,
    isSecret: true,
  },
  keystorePassphraseFile: {
    env: ["POT_KEYSTORE_PASSPHRASE_FILE"],
    key: "keystorePassphraseFile",
    expected: "a file",
    parse: matching(/^[^\0]+$/),
  },
};
