import {
  type AlertServer,
  createIncidentRecord,
  type IncidentEvent,
  type IncidentRecord,
  startAlertServer,
} from "./alert_server.ts";

/** One message in a channel. */
export interface SlackMessageSeen {
  readonly ts: string;
  readonly channel: string;
  /** The first message of the thread that it answers. */
  readonly threadTs?: string;
  readonly isBroadcast: boolean;
  /** What it says now, and what it said before it was changed. */
  readonly versions: readonly SlackVersion[];
}

/** What a message said at one time. */
export interface SlackVersion {
  readonly text: string;
  /** The texts of its blocks, in order. */
  readonly blockTexts: readonly string[];
}

/** Slack's Web API and its incoming webhooks, as far as alerts use them. */
export interface SlackServer extends AlertServer {
  /** For `slackApiUrl`. */
  readonly apiUrl: string;
  /** An incoming webhook, which posts into the same channel. */
  readonly webhookUrl: string;
  readonly token: string;
  readonly channel: { readonly id: string; readonly name: string };
  readonly messages: readonly SlackMessageSeen[];
  readonly incidents: IncidentRecord;
  /** Links, mentions and control sequences that Slack would have made of what was sent; unescaped brackets too. */
  readonly mentions: readonly string[];
  /** What Slack would have warned of. */
  readonly warnings: readonly string[];
  /** Errors that it answered by itself, in order. */
  readonly refusals: readonly string[];
  /** Whether the app is a member of the channel. @default true */
  isMember: boolean;
  /** Takes a message away, as its reader's admin may. */
  remove(ts: string): void;
}

class SlackError extends Error {}

const fail = (name: string): never => {
  throw new SlackError(name);
};

/** Starts one; it stops when it is disposed. */
export function startSlackServer(): SlackServer {
  const token = "xoxb-1111-2222-testtokensecret";
  const webhookPath = "/services/T0001/B0001/webhookpathsecret";
  const channel = { id: "C0ALERTS01", name: "alerts" };
  const messages: SlackMessageSeen[] = [];
  const incidents = createIncidentRecord();
  const mentions: string[] = [];
  const warnings: string[] = [];
  const refusals: string[] = [];
  let posted = 0;

  function check(fields: Readonly<Record<string, unknown>>): SlackVersion {
    const { text = "", blocks } = fields;
    if (typeof text !== "string") return fail("invalid_arguments");
    if (text.length > 40_000) fail("msg_too_long");
    if (text === "" && blocks === undefined) fail("no_text");
    if (text === "") warnings.push("missing_text");
    const blockTexts = blocks === undefined ? [] : checkBlocks(blocks);
    const all = [text, ...blockTexts];
    // Slack itself refuses from some 13 200 on; nothing of ours should come near.
    if (all.join("").length > 10_000) fail("msg_blocks_too_long");
    for (const piece of all) mentions.push(...findMentions(piece));
    const isLiteral = fields.parse === "none" && String(fields.link_names) === "false";
    if (!isLiteral) {
      mentions.push(...[text].flatMap((piece) => [...piece.match(/@(?:channel|here|everyone)/g) ?? []]));
    }
    return { text, blockTexts };
  }

  function post(fields: Readonly<Record<string, unknown>>): SlackMessageSeen {
    const version = check(fields);
    const threadTs = fields.thread_ts === undefined ? undefined : String(fields.thread_ts);
    if (threadTs !== undefined) {
      const root = messages.find(({ ts }) => ts === threadTs);
      if (root === undefined || root.threadTs !== undefined) fail("thread_not_found");
    }
    const isBroadcast = String(fields.reply_broadcast ?? false) === "true";
    if (isBroadcast && threadTs === undefined) fail("invalid_arguments");
    if (String(fields.unfurl_links) !== "false" || String(fields.unfurl_media) !== "false") {
      mentions.push("unfurled links");
    }
    const message = {
      ts: `${1_790_000_000 + posted}.${String(posted++).padStart(6, "0")}`,
      channel: channel.id,
      isBroadcast,
      versions: [version],
      ...(threadTs === undefined ? {} : { threadTs }),
    };
    messages.push(message);
    incidents.add(...incidentOf(version));
    return message;
  }

  function update(fields: Readonly<Record<string, unknown>>): SlackMessageSeen {
    const at = messages.findIndex(({ ts }) => ts === fields.ts);
    const before = messages[at] ?? fail("message_not_found");
    const message = { ...before, versions: [...before.versions, check(fields)] };
    messages[at] = message;
    return message;
  }

  const server = startAlertServer(({ method, path, headers, body }) => {
    try {
      if (method !== "POST") return new Response("method not allowed", { status: 405 });
      if (path === webhookPath) {
        post(parseObject(body) ?? fail("invalid_payload"));
        return new Response("ok");
      }
      const form = headers.get("content-type")?.startsWith("application/x-www-form-urlencoded")
        ? Object.fromEntries(new URLSearchParams(body))
        : undefined;
      if (form === undefined) return Response.json({ ok: false, error: "invalid_post_type" });
      const authorization = headers.get("authorization");
      if (authorization === null) fail("not_authed");
      if (authorization !== `Bearer ${token}`) fail("invalid_auth");
      const fields = form.blocks === undefined ? form : { ...form, blocks: parseBlocks(form.blocks) };
      const isUpdate = path === "/api/chat.update";
      if (!isUpdate && path !== "/api/chat.postMessage") {
        return Response.json({ ok: false, error: "unknown_method" });
      }
      const names = isUpdate ? [channel.id] : [channel.id, channel.name, `#${channel.name}`];
      if (!names.includes(form.channel ?? "")) fail("channel_not_found");
      if (!self.isMember) fail("not_in_channel");
      const { ts } = isUpdate ? update(fields) : post(fields);
      return Response.json({ ok: true, channel: channel.id, ts });
    } catch (error) {
      if (!(error instanceof SlackError)) throw error;
      refusals.push(error.message);
      return path === webhookPath
        ? new Response(error.message, { status: 400 })
        : Response.json({ ok: false, error: error.message });
    }
  });
  const self: SlackServer = Object.assign(server, {
    apiUrl: `${server.url}/api/`,
    webhookUrl: `${server.url}${webhookPath}`,
    token,
    channel,
    messages,
    incidents,
    mentions,
    warnings,
    refusals,
    isMember: true,
    remove: (ts: string) => void messages.splice(messages.findIndex((message) => message.ts === ts), 1),
  });
  return self;
}

function parseObject(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function parseBlocks(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return fail("invalid_blocks_format");
  }
}

interface Block {
  readonly type?: unknown;
  readonly text?: unknown;
  readonly elements?: unknown;
}

/** Block Kit's limits, for the kinds of blocks that alerts may use. */
function checkBlocks(blocks: unknown): readonly string[] {
  if (!Array.isArray(blocks) || blocks.length === 0 || blocks.length > 50) return fail("invalid_blocks");
  return blocks.flatMap(({ type, text, elements, ...rest }: Block) => {
    if (Object.keys(rest).length > 0) fail("invalid_blocks");
    if (type === "section" && elements === undefined) return [checkText(text)];
    const isContext = type === "context" && text === undefined && Array.isArray(elements) &&
      elements.length > 0 && elements.length <= 10;
    return isContext ? elements.map(checkText) : fail("invalid_blocks");
  });
}

function checkText(value: unknown): string {
  const { type, text, verbatim, ...rest } = value as Readonly<Record<string, unknown>>;
  const isText = type === "mrkdwn" && typeof text === "string" && text.length >= 1 && text.length <= 3_000 &&
    ["undefined", "boolean"].includes(typeof verbatim) && Object.keys(rest).length === 0 &&
    text.isWellFormed();
  if (!isText) return fail("invalid_blocks");
  return verbatim === true || !/https?:\/\/|@(?:channel|here|everyone)/.test(text)
    ? text
    : fail("invalid_blocks");
}

/** `<!channel>`, `<@U1>`, `<https://…>`; any bracket or ampersand that was not escaped. */
function findMentions(text: string): readonly string[] {
  return [
    ...text.match(/[<>]/g) ?? [],
    ...text.match(/&(?!(?:amp|lt|gt);)/g) ?? [],
    ...text.match(/@(?:channel|here|everyone)/gi) ?? [],
  ];
}

function incidentOf({ blockTexts }: SlackVersion): [key: string, event: IncidentEvent] {
  const context = blockTexts.find((text) => / since .* · told /s.test(text)) ?? "";
  const key = context.split(" · ")[0]!.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll(
    "&amp;",
    "&",
  )
    .replaceAll("\u2060", "");
  const [, label = ""] = /\*([A-Z, ]+)\*/.exec(blockTexts[0] ?? "") ?? [];
  return [key, eventOfLabel(label, context.includes(", message since "))];
}

/** What kind of news a label in capitals stands for. */
export function eventOfLabel(label: string, isMessage: boolean): IncidentEvent {
  if (label === "RESOLVED") return "resolve";
  if (label === "ACKNOWLEDGED") return "acknowledge";
  if (label.startsWith("STILL ")) return "repeat";
  if (label.startsWith("ESCALATED")) return "escalate";
  return isMessage ? "message" : "trigger";
}
