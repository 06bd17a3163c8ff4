import { isLoopback } from "../../core/is_loopback.ts";

/** One setting: its names, what it should look like, and how its text becomes a value (`undefined`: it does not look like that). */
export interface Setting<T> {
  /** Environment variables, the first one wins. */
  readonly env: readonly string[];
  /** Its name in pot.jsonc; absent for what must never stand in a file. */
  readonly key?: string;
  /** Finishes the sentence "must be …". */
  readonly expected: string;
  readonly parse: (text: string) => T | undefined;
  /** Never show the value. */
  readonly isSecret?: true;
  /** Is none, but what was meant for another setting may be: a wrong value is not shown. */
  readonly isHidden?: true;
}

/** What a text becomes, `undefined` where it does not look like that. */
export type Parse<T> = (text: string) => T | undefined;

/** A table of settings by name. */
export type SettingTable<Types> = { readonly [Name in keyof Types]: Setting<Types[Name]> };

/** One of these words. */
export function oneOf<T extends string>(...values: readonly T[]): Parse<T> {
  return (text) => values.find((value) => value === text);
}

/** A text of that form, as it is. */
export function matching(pattern: RegExp): Parse<string> {
  return (text) => (pattern.test(text) ? text : undefined);
}

/** A whole number from 1 that a number can hold exactly. */
export function wholeFrom1(text: string): number | undefined {
  const value = /^[1-9][0-9]{0,15}$/.test(text) ? Number(text) : NaN;
  return Number.isSafeInteger(value) ? value : undefined;
}

/** `0x` and 40 hex characters. */
export function contractAddress(text: string): `0x${string}` | undefined {
  return /^0x[0-9a-fA-F]{40}$/.test(text) ? text as `0x${string}` : undefined;
}

/** Gwei, up to nine decimals, as wei. */
export function gwei(text: string): bigint | undefined {
  const [, whole, fraction = ""] = /^([0-9]{1,9})(?:\.([0-9]{1,9}))?$/.exec(text) ?? [];
  if (whole === undefined) return undefined;
  const wei = BigInt(whole) * 1_000_000_000n + BigInt(fraction.padEnd(9, "0"));
  return wei > 0n ? wei : undefined;
}

/** An amount of a chain's own currency, 18 decimals at most, as wei. */
export function currency(text: string): bigint | undefined {
  const [, whole, fraction = ""] = /^([0-9]{1,12})(?:\.([0-9]{1,18}))?$/.exec(text) ?? [];
  if (whole === undefined) return undefined;
  const wei = BigInt(whole) * 10n ** 18n + BigInt(fraction.padEnd(18, "0"));
  return wei > 0n ? wei : undefined;
}

const DURATION_MS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** Such as `90s`, `10m`, `6h` or `2d`, in milliseconds. */
export function durationMs(text: string): number | undefined {
  const [, count, unit = ""] = /^([1-9][0-9]{0,6})([smhd])$/.exec(text) ?? [];
  return count === undefined ? undefined : Number(count) * DURATION_MS[unit]!;
}

/** The same for what a timer waits for, up to a day: one that is to wait 25 of them goes off at once. */
export function timeLimitMs(text: string): number | undefined {
  const ms = durationMs(text);
  return ms !== undefined && ms <= DURATION_MS["d"]! ? ms : undefined;
}

/** https and wss anywhere; http and ws only to this machine. */
export function isAllowedRpcUrl(text: string): boolean {
  return isSecureUrl(text, ["https:", "wss:"], ["http:", "ws:"]);
}

function isSecureUrl(text: string, anywhere: readonly string[], here: readonly string[]): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname } = new URL(text);
  return anywhere.includes(protocol) || (here.includes(protocol) && isLoopback(hostname));
}

/** An `https:` URL; `http:` only to this machine. */
export function allowedUrl(text: string): string | undefined {
  return isSecureUrl(text, ["https:"], ["http:"]) ? text : undefined;
}

/** URLs that {@linkcode isAllowedRpcUrl} takes, comma-separated. */
export function rpcUrls(text: string): readonly string[] | undefined {
  const urls = text.split(",").map((url) => url.trim()).filter((url) => url !== "");
  return urls.length > 0 && urls.every(isAllowedRpcUrl) ? urls : undefined;
}
