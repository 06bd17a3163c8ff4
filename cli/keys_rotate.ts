import { Command } from "@cliffy/command";
import { isAbsolute, resolve } from "node:path";
import { UsageError } from "../lib/core/errors.ts";
import { redactText } from "../lib/core/redact.ts";
import type { Config } from "../lib/runtime/config.ts";
import type { KeySource } from "../lib/keys/key_source.ts";
import type { KeyRotation, PublicKeyFacts } from "../lib/runtime/key_rotation_file.ts";
import type { RotateSigningKeyOptions, RotationEvent } from "../lib/runtime/rotate_signing_key.ts";
import type { AnyCommand } from "./any_command.ts";
import type { CliContext } from "./cli_context.ts";
import { confirmMainNetwork } from "./confirm_main_network.ts";
import type { GlobalOptions } from "./global_options.ts";
import { loadConfig } from "./load_config.ts";
import { report } from "./output.ts";
import { whileWaiting } from "./while_waiting.ts";

interface RotateOptions extends GlobalOptions {
  to?: string;
  transferOwnership?: boolean | undefined;
  sweep?: boolean | undefined;
  /** False by `--no-anchor`. */
  anchor: boolean;
  final?: boolean | undefined;
  wait: string;
  reinstate?: boolean | undefined;
  passphraseFile?: string;
  dryRun?: boolean | undefined;
  abort?: boolean | undefined;
  yes?: boolean | undefined;
}

/** Where the passphrase of a new keystore may stand in the environment, and with `_FILE` the file that holds it. */
const NEW_PASSPHRASE_VARIABLE = "POT_NEW_KEYSTORE_PASSPHRASE";

const STEP_WORDS: Readonly<Record<string, string>> = {
  start: "stop the old key: it signs nothing new",
  drain: "see through what it has sent",
  anchor: "anchor what is pending, by the old key",
  offer: "offer the contract to the new account",
  switch: "put the new key in force, and refuse the old one from then on",
  sweep: "send what the old account has left to the new one",
  accept: "accept the contract, by the new key",
};

/** `pot keys rotate`. */
export function keysRotateCommand(context: CliContext): AnyCommand {
  return new Command<GlobalOptions>()
    .description(
      "Put another signing key in the place of the configured one. Cut off, the same command goes on where it stopped.",
    )
    .option(
      "--to <source:string>",
      "Where the new key is, as in POT_KEY_SOURCE. [default: of the one under way]",
    )
    .option("--transfer-ownership", "Hand the contract over too: the old key offers it, the new one accepts.")
    .option("--sweep", "Send what the old account has left to the new one.")
    .option("--no-anchor", "Leave what is pending to the new key.")
    .option("--final", "Wait until all that the old key sent is final, not only confirmed.")
    .option("--wait <time:string>", "How long a step may wait, such as 90s or 2h.", { default: "30m" })
    .option("--reinstate", "Let the new key be one that was retired here.")
    .option(
      "--passphrase-file <file:string>",
      `Of a new keystore. [default: ${NEW_PASSPHRASE_VARIABLE} (or …_FILE), else asked for, else the old one's]`,
    )
    .option("--dry-run", "Only show what it would do.")
    .option("--abort", "End the rotation where it stands: before its switch the old key signs again.")
    .option("-y, --yes", "Go on where real money is spent; without it a person at a terminal is asked.")
    .example("See first", "pot keys rotate --to keystore:new.json --transfer-ownership --sweep --dry-run")
    .example("Rotate", "pot keys rotate --to keystore:new.json")
    .example("Go on after it was cut off", "pot keys rotate")
    .action(async (options: RotateOptions) => {
      const [config, { readKeyRotations }, { denoFiles }] = await Promise.all([
        loadConfig(context, options),
        import("../lib/runtime/key_rotation_file.ts"),
        import("../lib/io/deno_files.ts"),
      ]);
      const { current, retired } = await readKeyRotations(config.home, denoFiles);
      const rotation = await rotationOptions(context, { config, options, current });
      if (options.abort === true) return await abort(context, options, { config, rotation });
      if (options.dryRun === true || current === undefined) {
        const [{ planKeyRotation }, { findFinishedRotation }, { isMainNetwork, requireEvm }] = await Promise
          .all([
            import("../lib/runtime/plan_key_rotation.ts"),
            import("../lib/runtime/rotate_signing_key.ts"),
            import("../lib/runtime/deploy.ts"),
          ]);
        const isAsked = isMainNetwork(requireEvm(config)) &&
          await findFinishedRotation(retired, rotation) === undefined;
        if (options.dryRun === true || isAsked) {
          const plan = current ?? await planKeyRotation(config, { ...rotation, retired });
          if (options.dryRun === true) {
            return showPlan(context, options, { plan, isUnderWay: current !== undefined });
          }
          await confirmMainNetwork(context, {
            action: "rotate the signing key",
            chain: `chain ${plan.chainId}`,
            isConfirmed: options.yes === true,
            lines: planLines({ plan, isUnderWay: false }),
          });
        }
      }
      await run(context, options, { config, rotation });
    });
}

interface Opened {
  readonly config: Config;
  readonly rotation: RotateSigningKeyOptions;
}

async function run(context: CliContext, options: GlobalOptions, { config, rotation }: Opened): Promise<void> {
  const { rotateSigningKey } = await import("../lib/runtime/rotate_signing_key.ts");
  const { from, to, isResumed, steps, setting } = await whileWaiting(
    context,
    { label: "rotating" },
    () => rotateSigningKey(config, rotation),
  );
  report(context, options, {
    json: {
      from: shown(from),
      to: shown(to),
      isResumed,
      steps,
      setting: { ...setting, toSet: setting.toSet.map(redactSigner) },
    },
    lines: [
      `${to.address} signs now, in the place of ${from.address}`,
      `  from      ${shown(to).source}`,
      ...(steps.length === 0 ? ["  done      before: nothing was handed over or swept now"] : []),
      ...(setting.file === undefined ? [] : [`  stands in ${setting.file}`]),
      ...setting.toSet.map((line) => `  do        ${redactSigner(line)}`),
    ],
    next: ["pot keys show", "pot log audit"],
  });
}

async function abort(
  context: CliContext,
  options: GlobalOptions,
  { config, rotation }: Opened,
): Promise<void> {
  const { abortKeyRotation } = await import("../lib/runtime/rotate_signing_key.ts");
  const { from, to, isSwitched, leftUndone } = await whileWaiting(
    context,
    { label: "going back" },
    () => abortKeyRotation(config, rotation),
  );
  report(context, options, {
    json: { from: shown(from), to: shown(to), isSwitched, leftUndone },
    lines: isSwitched
      ? [`${to.address} stays in force`, `  undone    ${leftUndone.join(", ")}`]
      : [`${from.address} signs again`],
    next: isSwitched ? ["pot keys show"] : ["pot anchor"],
  });
}

interface Plan {
  readonly plan: KeyRotation;
  readonly isUnderWay: boolean;
}

function showPlan(context: CliContext, options: GlobalOptions, shownPlan: Plan): void {
  const { from, to, chainId, contract, isSweeping, isAnchoring } = shownPlan.plan;
  report(context, options, {
    json: {
      from: shown(from),
      to: shown(to),
      chainId,
      ...(contract === undefined ? {} : { contract }),
      isSweeping,
      isAnchoring,
      isUnderWay: shownPlan.isUnderWay,
      steps: stepsOf(shownPlan),
    },
    lines: [...planLines(shownPlan), "nothing was changed"],
    next: ["pot keys rotate"],
  });
}

/** What it would do from where it stands. */
function stepsOf({ plan: { step, contract, isSweeping, isAnchoring }, isUnderWay }: Plan): readonly string[] {
  const all = Object.keys(STEP_WORDS);
  return all.slice(isUnderWay ? all.indexOf(step) : 0).filter((name) => {
    if (name === "offer" || name === "accept") return contract !== undefined;
    return name === "sweep" ? isSweeping : name !== "anchor" || isAnchoring;
  });
}

function planLines(shownPlan: Plan): readonly string[] {
  const { from, to, contract } = shownPlan.plan;
  return [
    `from ${from.address} (${shown(from).source})`,
    `to   ${to.address} (${shown(to).source})`,
    ...(contract === undefined ? [] : [`hands over ${contract}`]),
    ...stepsOf(shownPlan).map((name, i) => `  ${i + 1}. ${name.padEnd(6)} ${STEP_WORDS[name]}`),
  ];
}

async function rotationOptions(
  context: CliContext,
  { config, options, current }: {
    readonly config: Config;
    readonly options: RotateOptions;
    readonly current: KeyRotation | undefined;
  },
): Promise<RotateSigningKeyOptions> {
  const [{ findConfigFile }, { openKeyUri }, { parseKeyUri }, { durationMs }] = await Promise.all([
    import("../lib/runtime/read_config_file.ts"),
    import("../lib/runtime/open_key_source.ts"),
    import("../lib/keys/parse_key_uri.ts"),
    import("../lib/runtime/settings/setting.ts"),
  ]);
  const waitMs = durationMs(options.wait);
  if (waitMs === undefined) {
    throw new UsageError("Cannot wait that long as --wait must be a time such as 90s, 10m or 2h", {
      facts: [`--wait: ${options.wait.slice(0, 80)}`],
    });
  }
  const to = options.to === undefined ? undefined : await parseSource(context, options.to);
  const configFile = options.config === undefined
    ? await findConfigFile(context.folder)
    : resolve(context.folder, options.config);
  const newSource = to ?? current?.to.source;
  const { signal, access } = context;
  const opened = new Map<string, KeySource>();

  async function openSource(source: string): Promise<KeySource> {
    const uri = parseKeyUri(source);
    if (uri === undefined) throw new UsageError("Cannot open the key as its source is not understood");
    const keys = source === newSource && uri.kind === "keystore"
      ? { ...config.keys, ...await newPassphrase(context, options, uri.path) }
      : config.keys;
    const { uri: inForce, address } = config.signing ?? {};
    const isChecked = source === inForce && address !== undefined;
    return openKeyUri(uri, { ...config, keys }, isChecked ? { address } : {});
  }

  return {
    ...(config.signing === undefined ? {} : { from: config.signing.uri }),
    ...(to === undefined ? {} : { to }),
    // Once for the plan that a person confirms and for the rotation: each may ask for a passphrase.
    openKey: async (source) => {
      const key = opened.get(source) ?? await openSource(source);
      opened.set(source, key);
      return await key.open({ signal });
    },
    settings: { env: context.env, ...(configFile === undefined ? {} : { configFile }) },
    isTransferring: options.transferOwnership === true,
    isSweeping: options.sweep === true,
    isAnchoring: options.anchor,
    isReinstating: options.reinstate === true,
    until: options.final === true ? "final" : "confirmed",
    waitMs,
    signal,
    ...(access && { access }),
    onNotice: (line) => context.err(`${line}\n`),
    onStep: async (event) => {
      context.err(`${event.step.padEnd(6)} ${event.detail}\n`);
      await noteStep(context, config, event);
    },
  };
}

/** Each step in the audit trail, beside the line that the whole command has there. */
async function noteStep({ access }: CliContext, config: Config, event: RotationEvent): Promise<void> {
  if (access === undefined) return;
  const { openAccess } = await import("../lib/runtime/open_access.ts");
  const { step, from, to } = event;
  await openAccess(config).trail.note({
    principal: await access.principal(),
    verb: "keys.rotate",
    subject: `${step}: ${from.address} to ${to.address}`,
    outcome: "allowed",
  });
}

/** As `POT_KEY_SOURCE` says it, a keystore's path whole: the rotation may go on from another folder. */
async function parseSource(context: CliContext, text: string): Promise<string> {
  const [{ KEY_URI_EXPECTED, parseKeyUri }, { formatKeyUri }] = await Promise.all([
    import("../lib/keys/parse_key_uri.ts"),
    import("../lib/keys/format_key_uri.ts"),
  ]);
  const uri = parseKeyUri(text);
  if (uri === undefined) {
    // What was given may be a key: it is not shown.
    throw new UsageError("Cannot rotate to the key as --to is not understood", {
      facts: [`--to must be: ${KEY_URI_EXPECTED}`],
    });
  }
  if (uri.kind === "env") context.redactor.learn([context.env[uri.variable] ?? ""]);
  if (uri.kind !== "keystore" || isAbsolute(uri.path)) return formatKeyUri(uri);
  return formatKeyUri({ ...uri, path: resolve(context.folder, uri.path) });
}

/** What opens the new keystore, where it is said; else the configured passphrase is tried. */
async function newPassphrase(
  context: CliContext,
  { passphraseFile = context.env[`${NEW_PASSPHRASE_VARIABLE}_FILE`] }: RotateOptions,
  path: string,
): Promise<{ readonly passphrase?: string }> {
  const { readPassphrase } = await import("./read_passphrase.ts");
  const given = (passphraseFile ?? "") !== "" || (context.env[NEW_PASSPHRASE_VARIABLE] ?? "") !== "";
  if (!given && context.askSecret === undefined) return {};
  const passphrase = await readPassphrase(context, {
    file: passphraseFile === "" ? undefined : passphraseFile,
    isNew: false,
    variable: NEW_PASSPHRASE_VARIABLE,
    question: `Passphrase of ${path}`,
  });
  context.redactor.learn([passphrase]);
  return { passphrase };
}

function shown({ address, source }: PublicKeyFacts): PublicKeyFacts {
  return { address, source: redactSigner(source) };
}

/** The path of an external signer's URL may be a secret; every other source is named by what is none. */
function redactSigner(text: string): string {
  return text.includes("signer:") ? redactText(text) : text;
}
