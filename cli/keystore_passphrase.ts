/** Where the passphrase of the signing key may stand in the environment; with `_FILE` the file that holds it. */
export const KEYSTORE_PASSPHRASE_VARIABLE = "POT_KEYSTORE_PASSPHRASE";
