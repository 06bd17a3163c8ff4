import { matching, oneOf, type SettingTable } from "./setting.ts";

/** Who may do what: what each text becomes. */
export interface AccessSettings {
  /** Whether a token is asked for. */
  access: "open" | "tokens";
  /** Secret: the access token of whoever runs this. */
  token: string;
  /** File that holds it, as its one line. */
  tokenFile: string;
}

/** Who may do what. */
export const ACCESS_SETTINGS: SettingTable<AccessSettings> = {
  access: {
    env: ["POT_ACCESS"],
    key: "access",
    expected: '"open" or "tokens"',
    parse: oneOf("open", "tokens"),
  },
  // Whether it is a token is looked at where it is used, so that a wrong one is noted as a failed authentication.
  token: { env: ["POT_TOKEN"], expected: "an access token", parse: (text) => text, isSecret: true },
  tokenFile: {
    env: ["POT_TOKEN_FILE"],
    key: "tokenFile",
    expected: "a file",
    parse: matching(/^[^\0]+$/),
  },
};
