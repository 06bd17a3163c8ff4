import { ALERT_SETTINGS, type AlertSettings } from "./settings/alert_settings.ts";
import { ACCESS_SETTINGS, type AccessSettings } from "./settings/access_settings.ts";
import { BACKUP_SETTINGS, type BackupSettings } from "./settings/backup_settings.ts";
import { COST_SETTINGS, type CostSettings } from "./settings/cost_settings.ts";
import { HOME_SETTINGS, type HomeSettings } from "./settings/home_settings.ts";
import { CHAIN_SETTINGS, type ChainSettings } from "./settings/chain_settings.ts";
import { KEY_SETTINGS, type KeySettings } from "./settings/key_settings.ts";
import { SIGNER_SETTINGS, type SignerSettings } from "./settings/signer_settings.ts";
import { SENDING_SETTINGS, type SendingSettings } from "./settings/sending_settings.ts";
import { NETWORK_SETTINGS, type NetworkSettings } from "./settings/network_settings.ts";
import type { SettingTable } from "./settings/setting.ts";

/** What each setting's text becomes. */
export interface SettingTypes
  extends
    HomeSettings,
    ChainSettings,
    KeySettings,
    SignerSettings,
    SendingSettings,
    CostSettings,
    AccessSettings,
    NetworkSettings,
    AlertSettings,
    BackupSettings {}

/** A setting's name in code. */
export type SettingName = keyof SettingTypes;

/** The parsed value of each setting that was given. */
export type SettingValues = Readonly<Partial<SettingTypes>>;

/** Every setting there is, but for the sections of pot.jsonc (sections.ts). docs/operations.md lists the same. */
export const SETTINGS: SettingTable<SettingTypes> = {
  ...HOME_SETTINGS,
  ...CHAIN_SETTINGS,
  ...KEY_SETTINGS,
  ...SIGNER_SETTINGS,
  ...SENDING_SETTINGS,
  ...COST_SETTINGS,
  ...ACCESS_SETTINGS,
  ...NETWORK_SETTINGS,
  ...ALERT_SETTINGS,
  ...BACKUP_SETTINGS,
};
