import { sha256 } from "@noble/hashes/sha2.js";
import { toHex } from "../core/hex.ts";
import type { Notification } from "./alert_channel.ts";
import { alertLine, type NotificationText, notificationText } from "./notification_text.ts";
import { cutText } from "./plain_text.ts";

/** What a mail says, and how it is found again. */
export interface EmailMessage {
  /** One line. */
  readonly subject: string;
  readonly text: string;
  readonly html: string;
  /** With its angle brackets; the same for every attempt. */
  readonly messageId: string;
}

const SUBJECT_LIMIT = 180;

/** A notification as a mail. `domain` is the sender's, for the message's id. */
export function emailMessage(
  notification: Notification,
  { domain }: { readonly domain: string },
): EmailMessage {
  const shown = notificationText(notification);
  const { label, message, source, details, runbook, alerts, alertCount } = shown;
  const facts = factsOf(shown);
  const lines = alertCount < 2 ? [] : alerts.map(alertLine);
  const more = alertCount > alerts.length ? [`… of ${alertCount} alerts`] : [];
  const text = [
    `${label}: ${message}`,
    ...(runbook === undefined ? [] : ["", `Try first: ${runbook}`]),
    ...(details.length === 0 ? [] : ["", ...details.map(([name, value]) => `${name}: ${value}`)]),
    ...(lines.length === 0 ? [] : ["", ...[...lines, ...more].map((line) => `- ${line}`)]),
    "",
    ...facts.map(([name, value]) => `${name}: ${value}`),
    "",
  ].join("\n");
  const html = [
    '<!doctype html><html><head><meta charset="utf-8"></head><body>',
    `<p><strong>${escapeHtml(label)}</strong>: ${escapeHtml(message)}</p>`,
    ...(runbook === undefined ? [] : [`<p><strong>Try first</strong>: ${escapeHtml(runbook)}</p>`]),
    ...tableOf(details),
    ...(lines.length === 0
      ? []
      : ["<ul>", ...[...lines, ...more].map((line) => `<li>${escapeHtml(line)}</li>`), "</ul>"]),
    "<hr>",
    ...tableOf(facts),
    "</body></html>",
    "",
  ].join("\n");
  return {
    subject: cutText(`[${source}] ${label}: ${message}`, SUBJECT_LIMIT),
    text,
    html,
    messageId: `<${shortHash(notification.key)}.${shortHash(notification.id)}@${domain}>`,
  };
}

function factsOf(
  { timestamp, severity, state, since, source, fingerprint, key }: NotificationText,
): readonly (readonly [name: string, value: string])[] {
  return [
    ["timestamp", timestamp],
    ["severity", severity],
    ["state", state],
    ["since", since],
    ["source", source],
    ["fingerprint", fingerprint],
    ["incident", key],
  ];
}

function tableOf(rows: readonly (readonly [name: string, value: string])[]): readonly string[] {
  if (rows.length === 0) return [];
  const lines = rows.map(([name, value]) =>
    `<tr><th align="left" valign="top">${escapeHtml(name)}</th><td>${
      escapeHtml(value).replaceAll("\n", "<br>")
    }</td></tr>`
  );
  return ["<table>", ...lines, "</table>"];
}

const ESCAPES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ESCAPES[character]!);
}

function shortHash(text: string): string {
  return toHex(sha256(new TextEncoder().encode(text))).slice(0, 32);
}
