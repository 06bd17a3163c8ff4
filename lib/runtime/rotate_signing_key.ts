import type { AccessGate } from "../access/access_gate.ts";
import type { Clock } from "../core/clock.ts";
import { PotError, UsageError } from "../core/errors.ts";
import type { TransactionSigner } from "../core/signer.ts";
import { denoFiles } from "../io/deno_files.ts";
import type { FileLayer } from "../io/file_layer.ts";
import type { Config } from "./config.ts";
import { requireEvm } from "./deploy.ts";
import {
  type KeyRotation,
  type KeyRotations,
  lockKeyRotation,
  type PublicKeyFacts,
  readKeyRotations,
  type RetiredKey,
  ROTATION_STEPS,
  type RotationStep,
  writeKeyRotations,
} from "./key_rotation_file.ts";
import { openAccess } from "./open_access.ts";
import { openEndpoints } from "./open_sender.ts";
import { planKeyRotation } from "./plan_key_rotation.ts";
import {
  acceptContract,
  anchorRest,
  drain,
  offerContract,
  type RotationContext,
  sweepBalance,
  withdrawOffer,
} from "./rotation_steps.ts";
import { type KeySettingPlaces, type SettingSwitch, switchKeySetting } from "./switch_key_setting.ts";
import { systemClock } from "./system_clock.ts";

/** Something that a rotation has done. */
export interface RotationEvent {
  /** What is done; `start` before the first step. */
  readonly step: "start" | RotationStep | "abort";
  /** The key that goes. */
  readonly from: PublicKeyFacts;
  /** The key that comes. */
  readonly to: PublicKeyFacts;
  /** In words. */
  readonly detail: string;
}

/** What is wanted of a rotation, and what it works with. */
export interface RotateSigningKeyOptions {
  /** Where the key in force is. @default none is configured: only a rotation under way can go on */
  readonly from?: string;
  /** Where the key is that is to sign next. @default that of the rotation under way */
  readonly to?: string;
  /** Opens the key that is there. */
  readonly openKey: (source: string) => Promise<TransactionSigner>;
  /** Where the setting stands. */
  readonly settings: Omit<KeySettingPlaces, "files">;
  /** Hand the contract over too; needs the old key to own it. @default false */
  readonly isTransferring?: boolean;
  /** Send what the old account has left to the new one. @default false */
  readonly isSweeping?: boolean;
  /** Anchor what is pending under the old key. @default true */
  readonly isAnchoring?: boolean;
  /** The new key may be one that was retired here. @default false */
  readonly isReinstating?: boolean;
  /** How deep what the old key sent must be. @default "confirmed" */
  readonly until?: "confirmed" | "final";
  /** How long one step waits for the chain, or for another process to let go of the key. @default 1_800_000 */
  readonly waitMs?: number;
  /** Hold the rotation's file, the journals and pot.jsonc. @default the real disk */
  readonly files?: FileLayer;
  /** Dates the rotation, and waits. @default the machine's clock */
  readonly clock?: Clock;
  /** Asked before anything is done, and before anything is anchored. @default as the configuration says */
  readonly access?: AccessGate;
  /** Ends the wait; the same call goes on later. */
  readonly signal?: AbortSignal;
  /** Told, in a line, what is waited for and what a person should know. @default nobody */
  readonly onNotice?: (line: string) => void;
  /** Told of each step once it is durable, for an audit trail. @default nobody */
  readonly onStep?: (event: RotationEvent) => void | Promise<void>;
}

/** What became of a rotation. */
export interface SigningKeyRotation {
  /** The key that went. */
  readonly from: PublicKeyFacts;
  /** The key in force now. */
  readonly to: PublicKeyFacts;
  /** It had been begun before. */
  readonly isResumed: boolean;
  /** What this call did, in order. */
  readonly steps: readonly Pick<RotationEvent, "step" | "detail">[];
  /** Where the new key stands, and what is left to set by hand. */
  readonly setting: SettingSwitch;
}

/**
 * Puts another signing key in the place of the one in force: the old one stops signing, what it has sent is seen through, what is
 * pending is anchored by it, the contract is offered where that is asked for; then the setting is switched and the old key refused
 * from then on; at last its balance is moved and the contract accepted. Each step is durable before the next begins, and the same call goes
 * on where it stopped. Every process of the home obeys from the first step on.
 *
 * @throws {UsageError} when there is no key to replace, both are the same account, or the new one cannot take its place; nothing
 * has changed then.
 * @throws {PermissionError} when whoever acts may not
 * @throws {PotError} with exit code 3 (pending) or 4 (nobody answers) when a step has to wait longer than it may.
 */
export async function rotateSigningKey(
  config: Config,
  options: RotateSigningKeyOptions,
): Promise<SigningKeyRotation> {
  return await gateOf(config, options).perform(
    "keys.rotate",
    "",
    (access) => rotate(config, { ...options, access }),
  );
}

function gateOf(config: Config, { access, clock }: RotateSigningKeyOptions): AccessGate {
  return access ?? openAccess(config, clock === undefined ? {} : { clock }).gate;
}

async function rotate(config: Config, options: RotateSigningKeyOptions): Promise<SigningKeyRotation> {
  const { files = denoFiles, onStep, settings } = options;
  const { home } = config;
  using _lock = await lockKeyRotation(home, files);
  let rotations = await readKeyRotations(home, files);
  const isResumed = rotations.current !== undefined;
  const openKey = openOnce(options.openKey);
  const steps: Pick<RotationEvent, "step" | "detail">[] = [];

  async function keep(next: KeyRotations, event: RotationEvent): Promise<void> {
    await writeKeyRotations(home, next, files);
    rotations = next;
    steps.push({ step: event.step, detail: event.detail });
    await onStep?.(event);
  }

  if (rotations.current === undefined) {
    const done = await findFinishedRotation(rotations.retired, { ...options, openKey });
    if (done !== undefined) {
      const setting = await switchKeySetting(done.successor, { ...settings, files });
      return {
        from: { address: done.address, source: done.source },
        to: done.successor,
        isResumed,
        steps,
        setting,
      };
    }
    const current = await planKeyRotation(config, { ...options, openKey, retired: rotations.retired });
    const { from, to } = current;
    const detail = `${from.address} signs nothing new from now on; ${to.address} was proved to sign`;
    await keep({ ...rotations, current }, { step: "start", from, to, detail });
  }
  let current = goingOn(rotations.current!, options);
  const { from, to } = current;
  let setting: SettingSwitch | undefined;
  for (;;) {
    const { step } = current;
    let detail: string;
    if (step === "switch") {
      setting = await switchKeySetting(to, { ...settings, files });
      detail = setting.file === undefined
        ? `${to.address} is in force, ${from.address} is refused; the setting is left to you`
        : `${to.address} is in force and stands in ${setting.file}, ${from.address} is refused`;
    } else {
      detail = await STEPS[step](contextOf(config, { ...options, openKey, rotation: current }));
    }
    const next = advance(current, rotations.retired, (options.clock ?? systemClock).now());
    await keep(next, { step, from, to, detail });
    if (next.current === undefined) break;
    current = next.current;
  }
  setting ??= await switchKeySetting(to, { ...settings, files });
  return { from, to, isResumed, steps, setting };
}

/** What an abandoned rotation leaves behind. */
export interface AbortedRotation {
  /** The key that was to go. */
  readonly from: PublicKeyFacts;
  /** The key that was to come. */
  readonly to: PublicKeyFacts;
  /** The new key had been put in force, and stays so; else the old one signs again. */
  readonly isSwitched: boolean;
  /** What was asked for after the switch and is not done. */
  readonly leftUndone: readonly RotationStep[];
}

/**
 * Ends a rotation where it stands. Before its switch, an offer of the contract is taken back and the old key signs again. After it, the
 * new key stays in force and only what is left is given up, such as a balance whose key cannot be opened any more.
 *
 * @throws {UsageError} when there is none under way.
 * @throws {PermissionError} when whoever acts may not
 */
export async function abortKeyRotation(
  config: Config,
  options: RotateSigningKeyOptions,
): Promise<AbortedRotation> {
  return await gateOf(config, options).perform(
    "keys.rotate",
    "",
    (access) => abort(config, { ...options, access }),
  );
}

async function abort(config: Config, options: RotateSigningKeyOptions): Promise<AbortedRotation> {
  const { files = denoFiles, onStep, settings } = options;
  using _lock = await lockKeyRotation(config.home, files);
  const { current, ...rest } = await readKeyRotations(config.home, files);
  if (current === undefined) {
    throw new UsageError("Cannot end the rotation as none is under way", {
      hint: "begin one with: pot keys rotate --to <key source>",
    });
  }
  const { from, to, step, switchedAt, contract } = current;
  const isSwitched = switchedAt !== undefined;
  const leftUndone = isSwitched ? stepsFrom(current) : [];
  if (!isSwitched && contract !== undefined && (step === "offer" || step === "switch")) {
    const openKey = openOnce(options.openKey);
    await withdrawOffer(contextOf(config, { ...options, openKey, rotation: current }));
  }
  // It may have been written just before the rotation was cut off.
  if (step === "switch") await switchKeySetting(from, { ...settings, files });
  await writeKeyRotations(config.home, rest, files);
  const detail = isSwitched
    ? `${to.address} stays in force; left undone: ${leftUndone.join(", ")}`
    : `${from.address} signs again`;
  await onStep?.({ step: "abort", from, to, detail });
  return { from, to, isSwitched, leftUndone };
}

const STEPS: Readonly<
  Record<Exclude<RotationStep, "switch">, (context: RotationContext) => Promise<string>>
> = { drain, anchor: anchorRest, offer: offerContract, sweep: sweepBalance, accept: acceptContract };

/** The rotation that this would be, where it was finished before: the key is in force. */
export async function findFinishedRotation(
  retired: readonly RetiredKey[],
  { from, to, openKey }: Pick<RotateSigningKeyOptions, "from" | "to" | "openKey">,
): Promise<RetiredKey | undefined> {
  const last = retired.at(-1);
  if (last === undefined || from === undefined || last.successor.source !== to) return undefined;
  return (await openKey(from)).address === last.successor.address ? last : undefined;
}

/** The step that a rotation stands at, and those that come after it. */
function stepsFrom({ step, contract, isSweeping }: KeyRotation): readonly RotationStep[] {
  return ROTATION_STEPS.slice(ROTATION_STEPS.indexOf(step)).filter((other) => {
    if (other === "offer" || other === "accept") return contract !== undefined;
    return other !== "sweep" || isSweeping;
  });
}

/** What the file says once a step is done. */
function advance(current: KeyRotation, retired: readonly RetiredKey[], nowMs: number): KeyRotations {
  const { from, to, step } = current;
  const [, next] = stepsFrom(current);
  const isSwitch = step === "switch";
  const at = new Date(nowMs).toISOString();
  const after: KeyRotations = {
    retired: isSwitch
      ? [
        ...retired.filter(({ address }) => address !== to.address && address !== from.address),
        { ...from, retiredAt: at, successor: to },
      ]
      : retired,
  };
  return next === undefined
    ? after
    : { ...after, current: { ...current, ...(isSwitch && { switchedAt: at }), step: next } };
}

/** @throws {UsageError} where something else is asked of a rotation that is under way */
function goingOn(
  current: KeyRotation,
  { to, isTransferring, isSweeping, isAnchoring = true }: RotateSigningKeyOptions,
): KeyRotation {
  const other = (to !== undefined && to !== current.to.source) ||
    (isTransferring === true && current.contract === undefined) ||
    (isSweeping === true && !current.isSweeping);
  if (!other) return { ...current, isAnchoring: current.isAnchoring && isAnchoring };
  throw new UsageError("Cannot begin the rotation as another one is under way", {
    facts: [
      `from: ${current.from.address}`,
      `to: ${current.to.address} (${current.to.source})`,
      `since: ${current.startedAt}`,
    ],
    hint: "finish that one with: pot keys rotate; or end it with: pot keys rotate --abort",
  });
}

function contextOf(
  config: Config,
  options: RotateSigningKeyOptions & { readonly rotation: KeyRotation },
): RotationContext {
  const { rotation, openKey, files = denoFiles, clock = systemClock, onNotice = () => {} } = options;
  const evm = requireEvm(config);
  if (evm.chainId !== rotation.chainId) {
    throw new PotError("Cannot go on with the rotation as another chain is configured than it began on", {
      facts: [`began on: ${rotation.chainId}`, `configured: ${evm.chainId}`],
      hint: "set CHAIN_ID and RPC_URL as they were",
      exitCode: 2,
    });
  }
  return {
    config,
    evm,
    endpoints: openEndpoints(evm),
    rotation,
    files,
    clock,
    openKey: (which) => openKey(rotation[which].source),
    until: options.until ?? "confirmed",
    waitMs: options.waitMs ?? 1_800_000,
    signal: options.signal,
    access: options.access,
    onNotice,
  };
}

/** Each key once: a person may be asked for a passphrase. */
function openOnce(
  open: (source: string) => Promise<TransactionSigner>,
): (source: string) => Promise<TransactionSigner> {
  const opened = new Map<string, TransactionSigner>();
  return async (source) => {
    const signer = opened.get(source) ?? await open(source);
    opened.set(source, signer);
    return signer;
  };
}
