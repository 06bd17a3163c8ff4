import { PotError, UsageError } from "../../core/errors.ts";
import { type AlertState, emptyState, STATE_VERSION } from "./alert_state.ts";

const SCHEMA = "pot-alerts/";

/** The document: JSON. Equal states have equal texts. */
export function formatState(state: AlertState): string {
  return JSON.stringify({ schema: `${SCHEMA}${STATE_VERSION}`, ...state });
}

/**
 * Reads the document.
 *
 * @throws {UsageError} when a newer program wrote it
 * @throws {PotError} when it is none of ours
 */
export function parseState(text: string): AlertState {
  const { schema, ...fields } = parse(text);
  const version = typeof schema === "string" && schema.startsWith(SCHEMA)
    ? Number(schema.slice(SCHEMA.length))
    : 0;
  if (version > STATE_VERSION) {
    throw new UsageError("Cannot read the state of alerts as a newer version of pot wrote it", {
      facts: [`format: ${SCHEMA}${version}`, `known: up to ${SCHEMA}${STATE_VERSION}`],
      hint: "run that version of pot on this home folder",
    });
  }
  const empty = emptyState();
  for (const [name, value] of Object.entries(empty)) {
    const found = fields[name];
    if (typeof found !== typeof value || found === null || Array.isArray(found) !== Array.isArray(value)) {
      throw damaged(`its field ${name} is missing or of another kind`);
    }
  }
  if (version !== STATE_VERSION) throw damaged("it names no version");
  return fields as unknown as AlertState;
}

function parse(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "object" && value !== null) return value as Record<string, unknown>;
  } catch {
    // Falls through: what the parser says names a position, not what to do.
  }
  throw damaged("it is no JSON object");
}

function damaged(why: string): PotError {
  return new PotError(`Cannot read the state of alerts as ${why}`, {
    hint:
      "keep a copy of state/alerts.state in the home folder, delete it and start again: what fires is told anew",
  });
}
