import { KEY_URI_EXPECTED, type KeyUri, parseKeyUri } from "../../keys/parse_key_uri.ts";
import { contractAddress, matching, type SettingTable, timeLimitMs } from "./setting.ts";

/** Which key signs: what each text becomes. */
export interface KeySettings {
  /** Where the key is. */
  keySource: KeyUri;
  /** Secret: 64 hex characters, with or without `0x`. */
  privateKey: string;
  /** File with the encrypted key. */
  keystore: string;
  /** Secret: opens that file. */
  keystorePassphrase: string;
  /** File that holds the passphrase, as its one line. */
  keystorePassphraseFile: string;
  /** The account that the key must be of. */
  signerAddress: `0x${string}`;
  /** For opening a key that is held elsewhere, and for one signature there. */
  keyTimeoutMs: number;
  /** Secret: opens HashiCorp Vault. */
  vaultToken: string;
  /** File that holds it, as its one line. */
  vaultTokenFile: string;
  /** Secret: logs in to HashiCorp Vault, together with the next one. */
  vaultRoleId: string;
  /** Secret. */
  vaultSecretId: string;
  /** File that holds it, as its one line. */
  vaultSecretIdFile: string;
  /** Of HashiCorp Vault Enterprise. */
  vaultNamespace: string;
}

const FILE = { expected: "a file", parse: matching(/^[^\0]+$/) };
/** What may stand in a header. */
const SECRET = { expected: "printable characters without spaces", parse: matching(/^[!-~]{1,4096}$/) };

/** Which key signs. */
export const KEY_SETTINGS: SettingTable<KeySettings> = {
  keySource: {
    env: ["POT_KEY_SOURCE"],
    key: "keySource",
    expected: KEY_URI_EXPECTED,
    parse: parseKeyUri,
    // What is no key URI may be the key.
    isHidden: true,
  },
  privateKey: {
    env: ["PRIVATE_KEY"],
    expected: "64 hex characters, with or without 0x",
    parse: matching(/^(?:0x)?[0-9a-fA-F]{64}$/),
    isSecret: true,
  },
  keystore: { env: ["POT_KEYSTORE"], key: "keystore", ...FILE },
  keystorePassphrase: {
    env: ["POT_KEYSTORE_PASSPHRASE"],
    expected: "a passphrase",
    parse: (text) => text,
    isSecret: true,
  },
  keystorePassphraseFile: {
    env: ["POT_KEYSTORE_PASSPHRASE_FILE"],
    key: "keystorePassphraseFile",
    ...FILE,
  },
  signerAddress: {
    env: ["POT_SIGNER_ADDRESS"],
    key: "signerAddress",
    expected: "0x and 40 hex characters",
    parse: contractAddress,
  },
  keyTimeoutMs: {
    env: ["POT_KEY_TIMEOUT"],
    key: "keyTimeout",
    expected: "a time such as 30s or 2m, up to 1d",
    parse: timeLimitMs,
  },
  vaultToken: { env: ["VAULT_TOKEN"], ...SECRET, isSecret: true },
  vaultTokenFile: { env: ["VAULT_TOKEN_FILE"], key: "vaultTokenFile", ...FILE },
  vaultRoleId: { env: ["VAULT_ROLE_ID"], ...SECRET, isSecret: true },
  vaultSecretId: { env: ["VAULT_SECRET_ID"], ...SECRET, isSecret: true },
  vaultSecretIdFile: { env: ["VAULT_SECRET_ID_FILE"], key: "vaultSecretIdFile", ...FILE },
  vaultNamespace: {
    env: ["VAULT_NAMESPACE"],
    key: "vaultNamespace",
    expected: "a namespace such as team/project",
    parse: matching(/^[A-Za-z0-9._-]+(?:\/[A-Za-z0-9._-]+)*\/?$/),
  },
};
