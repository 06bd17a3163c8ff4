import { type SettingTable, timeLimitMs } from "./setting.ts";

/** How an external signer is asked: what each text becomes. */
export interface SignerSettings {
  /** How long a person may take to confirm one transaction. */
  signerTimeoutMs: number;
}

/** How an external signer is asked. */
export const SIGNER_SETTINGS: SettingTable<SignerSettings> = {
  signerTimeoutMs: {
    env: ["POT_SIGNER_TIMEOUT"],
    key: "signerTimeout",
    expected: "a time such as 90s, 2m or 10m, up to 1d",
    parse: timeLimitMs,
  },
};
