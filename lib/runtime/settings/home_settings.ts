import { parsePostgresUrl, POSTGRES_URL_FORM } from "../../log/postgres_url.ts";
import { matching, type SettingTable } from "./setting.ts";

/** Where state and log are: what each text becomes. */
export interface HomeSettings {
  /** Folder of all state. */
  home: string;
  /** The log's name: 1 to 200 characters without spaces or +. */
  origin: string;
  /** Folder of proof files that the daemon keeps up to date. */
  proofs: string;
  /** Secret: the PostgreSQL database that holds the log. */
  logUrl: string;
}

/** Where state and log are. */
export const HOME_SETTINGS: SettingTable<HomeSettings> = {
  home: { env: ["POT_HOME"], key: "home", expected: "a folder", parse: matching(/^[^\0]+$/) },
  origin: {
    env: ["POT_ORIGIN"],
    key: "origin",
    expected: "the log's name: 1 to 200 characters without spaces or +, such as pot/6f1c2d9a",
    parse: matching(/^[^\s+\p{C}]{1,200}$/u),
  },
  proofs: { env: ["POT_PROOFS"], key: "proofs", expected: "a folder", parse: matching(/^[^\0]+$/) },
  logUrl: {
    env: ["POT_LOG_URL"],
    key: "logUrl",
    expected: POSTGRES_URL_FORM,
    parse: (text) => parsePostgresUrl(text) && text,
    isSecret: true,
  },
};
