import { classifyFailure } from "./chain_error.ts";
import type { RpcOutcome } from "./json_rpc_endpoint.ts";

/** One member of a JSON-RPC answer; `undefined` where there is none for the call. */
export type RpcAnswer = Readonly<Record<string, unknown>> | undefined;

/** The outcome that an answer stands for, where the transport has nothing to add. */
export function readRpcAnswer(answer: RpcAnswer, secrets: readonly string[]): RpcOutcome {
  if (answer?.["error"] !== undefined && answer["error"] !== null) {
    return { ok: false, failure: classifyFailure({ from: "rpc", error: answer["error"] }, secrets) };
  }
  if (answer === undefined || !("result" in answer)) return noAnswer();
  return { ok: true, result: answer["result"] };
}

/** What is not JSON-RPC, or not what was asked for. */
export function noAnswer(contentType: string | null = null, text = ""): RpcOutcome {
  return { ok: false, failure: classifyFailure({ from: "body", contentType, text }) };
}

/** `undefined` for what is no JSON. */
export function parseJsonText(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** `undefined` for what is no object. */
export function asAnswer(value: unknown): RpcAnswer {
  return typeof value === "object" && value !== null ? value as Record<string, unknown> : undefined;
}
