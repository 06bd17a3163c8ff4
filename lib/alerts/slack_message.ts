import type { Notification } from "./alert_channel.ts";
import { alertLine, type NotificationText, notificationText } from "./notification_text.ts";
import { cutText, fitLines } from "./plain_text.ts";

/** A piece of Slack's markup that is shown as it is: neither links nor names in it are made into anything. */
export interface SlackText {
  readonly type: "mrkdwn";
  readonly text: string;
  readonly verbatim: true;
}

/** The Block Kit blocks that are used. */
export type SlackBlock =
  | { readonly type: "section"; readonly text: SlackText }
  | { readonly type: "context"; readonly elements: SlackText[] };

/** What is posted: blocks, and the text for whoever cannot show them. */
export interface SlackMessage {
  readonly text: string;
  readonly blocks: SlackBlock[];
}

// Slack takes 3 000 characters a section and some 13 000 in all; these add up to less than 10 000. Counted once escaped.
const FALLBACK_LIMIT = 500;
const MESSAGE_LIMIT = 2_000;
const DETAILS_LIMIT = 2_600;
const ALERTS_LIMIT = 2_200;
const RUNBOOK_LIMIT = 1_000;
const CONTEXT_LIMIT = 1_200;

const SIGNS = { critical: "🔴", error: "🟠", warning: "🟡", info: "🔵" } as const;

/** A notification as Slack's Block Kit. `note` is a last line in small print. */
export function slackMessage(
  notification: Notification,
  { note }: { readonly note?: string } = {},
): SlackMessage {
  const shown = notificationText(notification);
  const { label, message, details, alerts, alertCount, runbook } = shown;
  const sign = notification.kind === "resolve" ? "✅" : SIGNS[shown.severity];
  const head = `${sign} *${label}*`;
  return {
    text: `${sign} ${label}: ${escapeCut(message, FALLBACK_LIMIT)}`,
    blocks: [
      section(`${head}\n${escapeCut(message, MESSAGE_LIMIT)}`),
      ...sectionOf(
        details.map(([name, value]) => `*${escapeSlack(name)}*: ${escapeCut(value, 800)}`),
        DETAILS_LIMIT,
      ),
      ...(alertCount < 2 ? [] : sectionOf(
        [
          ...alerts.map((alert) => `• ${escapeCut(alertLine(alert), 500)}`),
          ...(alertCount > alerts.length ? [`… of ${alertCount} alerts`] : []),
        ],
        ALERTS_LIMIT,
      )),
      ...(runbook === undefined ? [] : [section(`*Try first*: ${escapeCut(runbook, RUNBOOK_LIMIT)}`)]),
      {
        type: "context",
        elements: [
          markup(escapeCut(contextLine(shown), CONTEXT_LIMIT)),
          ...(note === undefined ? [] : [markup(escapeSlack(note))]),
        ],
      },
    ],
  };
}

function contextLine(
  { source, severity, state, since, timestamp, fingerprint, key }: NotificationText,
): string {
  return `${key} · ${severity}, ${state} since ${since} · told ${timestamp} · ${source} · ${fingerprint}`;
}

function sectionOf(lines: readonly string[], limit: number): readonly SlackBlock[] {
  return lines.length === 0 ? [] : [section(fitLines(lines, limit))];
}

function section(text: string): SlackBlock {
  return { type: "section", text: markup(text) };
}

function markup(text: string): SlackText {
  return { type: "mrkdwn", text, verbatim: true };
}

const ESCAPES: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;" };

/**
 * Text in which Slack finds no control sequence: its three characters are escaped, and the words that call everybody are broken by
 * a word joiner, which nobody sees.
 */
export function escapeSlack(text: string): string {
  return text.replace(/[&<>]/g, (character) => ESCAPES[character]!)
    .replace(/@(?=channel|here|everyone)/gi, "@\u2060");
}

function escapeCut(text: string, limit: number): string {
  return escapeSlack(cutText(text, limit, { sizeOf: (piece) => escapedLength(piece) }));
}

/** A joiner is counted for each `@`, as what follows is in another piece. */
function escapedLength(piece: string): number {
  let length = piece.length;
  for (const character of piece) {
    length += (ESCAPES[character]?.length ?? 1) - 1 + (character === "@" ? 1 : 0);
  }
  return length;
}
