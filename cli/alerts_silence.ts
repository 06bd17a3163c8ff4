import { Command, ValidationError } from "@cliffy/command";
import type { NewSilence } from "../lib/alerts/alerts_admin.ts";
import type { Silence } from "../lib/alerts/engine/alert_state.ts";
import { PotError } from "../lib/core/errors.ts";
import { durationMs } from "../lib/runtime/settings/setting.ts";
import type { AnyCommand } from "./any_command.ts";
import type { CliContext } from "./cli_context.ts";
import type { GlobalOptions } from "./global_options.ts";
import { shortTime } from "./job_lines.ts";
import { report } from "./output.ts";
import { tableLines } from "./table_lines.ts";
import { whoActs, withAlerts } from "./with_alerts.ts";

interface SilenceOptions extends GlobalOptions {
  for: string;
  reason: string;
  subject?: string;
}

/** What a fingerprint ends with. */
const FINGERPRINT = /-[0-9a-f]{12}$/;

/** `pot alerts silence`. */
export function alertsSilenceCommand(context: CliContext): AnyCommand {
  return new Command<GlobalOptions>()
    .description(
      "Keep a rule (or a cause, or one alert by its fingerprint) from being told for a while; what was told is still resolved.",
    )
    .arguments("<what:string>")
    .option("--for <time:string>", "For so long: 90s, 10m, 6h, 2d; 90 days at most.", { required: true })
    .option("--reason <text:string>", "Why, for whoever wonders.", { required: true })
    .option("--subject <pattern:string>", "Only these subjects; * stands for anything.")
    .example(
      "During maintenance",
      "pot alerts silence endpoint-* --for 2h --reason 'provider moves house' --subject endpoint-2",
    )
    .action(async (options: SilenceOptions, what: string) => {
      const forMs = durationMs(options.for);
      if (forMs === undefined) throw new ValidationError("--for must be a time such as 90s, 10m, 6h or 2d");
      await withAlerts(context, options, async (admin) => {
        const isFingerprint = FINGERPRINT.test(what);
        const known = admin.rules().flatMap(({ name, cause = name }) => [name, cause]);
        if (!isFingerprint && !what.includes("*") && !known.includes(what)) {
          throw new PotError("Cannot add the silence as no rule or cause has that name", {
            facts: [`asked for: ${what}`],
            hint: "see: pot alerts rules",
            exitCode: 2,
          });
        }
        const wanted: NewSilence = {
          ...(isFingerprint ? { fingerprint: what } : { rule: what }),
          ...(options.subject === undefined ? {} : { subject: options.subject }),
          forMs,
          reason: options.reason,
          by: await whoActs(context),
        };
        const silence = await admin.silence(wanted);
        report(context, options, {
          json: toJson(silence),
          lines: [`${silence.id}: silent until ${shortTime(silence.untilMs)}`],
          next: [`pot alerts expire ${silence.id}`],
        });
      });
    });
}

/** `pot alerts silences`. */
export function alertsSilencesCommand(context: CliContext): AnyCommand {
  return new Command<GlobalOptions>()
    .description("List what is silent now, until when, why, and who said so.")
    .example("All of them", "pot alerts silences")
    .action(async (options: GlobalOptions) => {
      await withAlerts(context, options, async (admin) => {
        const { silences } = await admin.view({ signal: context.signal });
        report(context, options, {
          json: { silences: silences.map(toJson) },
          lines: silences.length === 0 ? ["nothing is silent"] : tableLines([
            ["ID", "WHAT", "SUBJECT", "UNTIL", "BY", "REASON"],
            ...silences.map(({ id, rule, fingerprint, subject, untilMs, by, reason }) => [
              id,
              fingerprint ?? rule ?? "*",
              subject ?? "*",
              shortTime(untilMs),
              by,
              reason,
            ]),
          ]),
        });
      });
    });
}

/** `pot alerts expire`. */
export function alertsExpireCommand(context: CliContext): AnyCommand {
  return new Command<GlobalOptions>()
    .description("End a silence before its time.")
    .arguments("<id:string>")
    .example("By its id", "pot alerts expire s1a")
    .action(async (options: GlobalOptions, id: string) => {
      await withAlerts(context, options, async (admin) => {
        if (!await admin.expireSilence(id)) {
          throw new PotError("Cannot end the silence as there is none with that id", {
            facts: [`asked for: ${id}`],
            hint: "see: pot alerts silences; those of pot.jsonc end where they stand",
          });
        }
        report(context, options, { json: { expired: id }, lines: [`${id} has ended`] });
      });
    });
}

function toJson({ fromMs, untilMs, ...silence }: Silence): unknown {
  return { ...silence, from: new Date(fromMs).toISOString(), until: new Date(untilMs).toISOString() };
}
