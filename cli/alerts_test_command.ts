import { Command, EnumType } from "@cliffy/command";
import type { Delivery } from "../lib/alerts/alert_channel.ts";
import { SEVERITIES, type Severity } from "../lib/alerts/severity.ts";
import type { ChannelTest } from "../lib/alerts/test_channel.ts";
import { UsageError } from "../lib/core/errors.ts";
import type { AnyCommand } from "./any_command.ts";
import type { CliContext } from "./cli_context.ts";
import type { GlobalOptions } from "./global_options.ts";
import { loadConfig } from "./load_config.ts";
import { report } from "./output.ts";
import { whileWaiting } from "./while_waiting.ts";

interface AlertsTestOptions extends GlobalOptions {
  channel?: string[];
  severity: Severity;
  keep?: boolean | undefined;
}

/** `pot alerts test`. */
export function alertsTestCommand(context: CliContext): AnyCommand {
  return new Command<GlobalOptions>()
    .description(
      "Send a test alert end to end, and its resolve. Exit code 1 when a channel refuses it, 4 when one cannot be reached.",
    )
    .type("severity", new EnumType([...SEVERITIES]))
    .option(
      "--channel <name:string>",
      "Only this channel, may be repeated. [default: all that are configured]",
      {
        collect: true,
      },
    )
    .option("--severity <severity:severity>", "How bad it claims to be.", { default: "critical" })
    .option("--keep", "Leave it open: no resolve is sent.")
    .example("Every channel", "pot alerts test")
    .example("Does Slack work?", "pot alerts test --channel slack --severity critical")
    .action(async (options: AlertsTestOptions) => {
      const config = await loadConfig(context, options);
      const [{ alertSource, openAlertChannels }, { testChannel }, { systemClock: clock }] = await Promise.all(
        [
          import("../lib/runtime/open_alert_channels.ts"),
          import("../lib/alerts/test_channel.ts"),
          import("../lib/runtime/system_clock.ts"),
        ],
      );
      const opened = await openAlertChannels(config, { clock });
      const channels = choose(opened, options.channel);
      const { severity } = options;
      const source = alertSource(config);
      const key = `pot-test/${crypto.randomUUID()}`;
      const tested = await whileWaiting(
        context,
        { label: "sending" },
        () =>
          Promise.all(channels.map((channel) =>
            testChannel(channel, {
              severity,
              source,
              key,
              timestamp: new Date(clock.now()).toISOString(),
              isKept: options.keep === true,
              signal: context.signal,
            })
          )),
      );
      if (tested.every(({ isBelow }) => isBelow)) {
        throw new UsageError(`Cannot test as no channel is told of ${severity}`, {
          facts: channels.map(({ name, minSeverity }) => `${name}: from ${minSeverity} on`),
          hint: "give a higher --severity, or lower the channel's own",
        });
      }
      const deliveries = tested.flatMap(({ trigger, resolve }) => [trigger, resolve]);
      if (deliveries.some((delivery) => delivery?.outcome === "refused")) context.exitWith(1);
      else if (deliveries.some((delivery) => delivery?.outcome === "retry")) context.exitWith(4);
      report(context, options, {
        json: { key, severity, source, channels: tested },
        lines: tested.flatMap((test) => testLines(test, severity)),
      });
    });
}

function choose<Channel extends { readonly name: string }>(
  opened: readonly Channel[],
  wanted: readonly string[] | undefined,
): readonly Channel[] {
  if (opened.length === 0) {
    throw new UsageError("Cannot test alerts as no channel is configured", {
      hint: "docs/operations.md says what each needs; for Slack set POT_SLACK_TOKEN and POT_SLACK_CHANNEL",
    });
  }
  if (wanted === undefined) return opened;
  const names = opened.map(({ name }) => name);
  const unknown = wanted.filter((name) => !names.includes(name));
  if (unknown.length === 0) return opened.filter(({ name }) => wanted.includes(name));
  throw new UsageError(`Cannot test ${unknown.join(", ")} as no such channel is configured`, {
    facts: [`configured: ${names.join(", ")}`],
    hint: "docs/operations.md says what each channel needs",
  });
}

function testLines({ name, isBelow, trigger, resolve }: ChannelTest, severity: Severity): readonly string[] {
  if (isBelow || trigger === undefined) return [`- ${name}: not told of ${severity}`];
  const steps: readonly (readonly [string, Delivery])[] = [
    ["trigger", trigger],
    ...(resolve === undefined ? [] : [["resolve", resolve] as const]),
  ];
  const isWell = steps.every(([, { outcome }]) => outcome === "accepted");
  return [
    `${isWell ? "✓" : "✗"} ${name}`,
    ...steps.map(([step, delivery]) => `  ${step.padEnd(8)}  ${inWords(delivery)}`),
  ];
}

function inWords(delivery: Delivery): string {
  switch (delivery.outcome) {
    case "accepted":
      return delivery.note === undefined ? "taken" : `taken, but ${delivery.note}`;
    case "refused":
      return `refused: ${delivery.reason}`;
    case "retry": {
      const { retryAfterMs: ms } = delivery;
      return `not now: ${delivery.reason}${ms === undefined ? "" : `, asks for ${Math.ceil(ms / 1_000)} s`}`;
    }
  }
}
