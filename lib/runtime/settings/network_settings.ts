import { matching, type SettingTable } from "./setting.ts";

/** How other machines are trusted: what each text becomes. */
export interface NetworkSettings {
  /** File with the only certificate authorities to trust, in PEM. */
  caFile: string;
}

/** How other machines are trusted. */
export const NETWORK_SETTINGS: SettingTable<NetworkSettings> = {
  caFile: {
    env: ["POT_CA_FILE"],
    key: "caFile",
    expected: "a file of certificates in PEM",
    parse: matching(/^[^\0]+$/),
  },
};
