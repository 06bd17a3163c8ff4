import assert from "node:assert/strict";
import type { PotError } from "../../../lib/core/errors.ts";
import { type AwsSsmKeyOptions, createAwsSsmKeySource } from "../../../lib/keys/aws_ssm_key_source.ts";
import { type AwsServerOptions, startAwsServer } from "../../_fakes/aws_server.ts";
import { signSigV4 } from "../../_fakes/sigv4.ts";

// Anvil's first account: published, worth nothing.
const KEY = "ac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80";
const ADDRESS = "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266";
const CREDENTIALS = {
  accessKeyId: "AKIAIOSFODNN7EXAMPLE",
  secretAccessKey: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
  sessionToken: "FwoGZXIvYXdzEBYaDNotASecretOfAnybody==",
};
const REGION = "eu-central-1";
const PARAMETER = "/pot/blockchain/private-key";

function serve(options: Partial<AwsServerOptions> = {}) {
  const parameters = { [PARAMETER]: { type: "SecureString", value: `0x${KEY}\n` } } as const;
  return startAwsServer({ region: REGION, credentials: [CREDENTIALS], parameters, ...options });
}

function source(url: string, options: AwsSsmKeyOptions = {}) {
  return createAwsSsmKeySource({ region: REGION, endpoint: url, credentials: CREDENTIALS, ...options });
}

/** It fails that way, and shows no secret, neither ours nor of the answer. */
async function fails(
  opening: Promise<unknown>,
  expected: {
    readonly name: string;
    readonly message: string;
    readonly hint?: RegExp;
    readonly fact?: string;
  },
): Promise<void> {
  await assert.rejects(opening, (error: PotError) => {
    assert.deepEqual([error.name, error.message], [expected.name, expected.message]);
    assert.match(error.hint ?? "", expected.hint ?? /./);
    if (expected.fact !== undefined) assert.ok(error.facts.includes(expected.fact), error.facts.join("\n"));
    const shown = Deno.inspect(error, { depth: 20, showHidden: true });
    for (const secret of [KEY, KEY.slice(5, 25), CREDENTIALS.secretAccessKey, CREDENTIALS.sessionToken]) {
      assert.ok(!shown.includes(secret), shown);
    }
    return true;
  });
}

Deno.test("signSigV4() gives the signatures of the published test suite", () => {
  const headers = new Headers({ host: "example.amazonaws.com", "x-amz-date": "20150830T123600Z" });
  const sign = (method: string) =>
    signSigV4({ method, url: "https://example.amazonaws.com/", headers, body: new Uint8Array() }, {
      secretAccessKey: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
      names: ["host", "x-amz-date"],
      region: "us-east-1",
      service: "service",
    });
  assert.equal(sign("GET"), "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31");
  assert.equal(sign("POST"), "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b");
});

Deno.test("createAwsSsmKeySource() opens the default parameter with one signed request", async () => {
  await using aws = serve();
  const key = source(aws.url);
  assert.equal(key.description, "AWS parameter /pot/blockchain/private-key in eu-central-1");
  assert.deepEqual(aws.asked, [], "nothing is asked before it is opened");
  const signer = await key.open({ signal: new AbortController().signal });
  assert.equal(signer.address, ADDRESS);
  assert.deepEqual([aws.asked, aws.refusals], [["ssm:GetParameter"], []]);
  assert.ok(!Deno.inspect([key, signer], { depth: 10, showHidden: true }).includes(KEY));
});

Deno.test("createAwsSsmKeySource() refuses what is no encrypted private key", async () => {
  await using aws = serve({
    parameters: {
      "/plain": { type: "String", value: KEY },
      "/other": { type: "SecureString", value: `${KEY}00` },
      "/zero": { type: "SecureString", value: "0".repeat(64) },
    },
  });
  await fails(source(aws.url, { parameter: "/plain" }).open(), {
    name: "UsageError",
    message: "Cannot sign as the parameter is not a SecureString",
    hint: /new key/,
  });
  for (const parameter of ["/other", "/zero"]) {
    await fails(source(aws.url, { parameter }).open(), {
      name: "UsageError",
      message: "Cannot sign as the parameter holds no private key",
      fact: `parameter: ${parameter}`,
    });
  }
});

Deno.test("createAwsSsmKeySource() says what AWS refuses and what to do, without AWS's own words", async () => {
  // A message of the service may quote what was sent.
  const message = `token ${CREDENTIALS.sessionToken} of ${KEY}`;
  const cases: readonly [type: string, name: string, message: string, hint: RegExp][] = [
    ["ThrottlingException", "UnreachableError", "AWS is throttling requests", /again in a minute/],
    ["ParameterNotFound", "UsageError", "AWS has no such parameter", /name in POT_KEY_SOURCE, the region/],
    ["ParameterVersionNotFound", "UsageError", "AWS has no such parameter", /name/],
    [
      "AccessDeniedException",
      "UsageError",
      "AWS refuses access to the parameter",
      /ssm:GetParameter.*kms:Decrypt/,
    ],
    ["ExpiredTokenException", "UsageError", "the AWS credentials have expired", /aws sso login/],
    ["InvalidKeyId", "UsageError", "the key of AWS KMS is disabled, or is being deleted", /enable-key/],
    ["ValidationException", "PotError", "AWS refused the request", /CloudTrail/],
    ["InternalServerError", "UnreachableError", "AWS did not answer", /network/],
  ];
  let type = "";
  await using aws = serve({
    faultOf: () => ({ type, message, status: type === "InternalServerError" ? 500 : 400 }),
  });
  for (const [each, name, summary, hint] of cases) {
    type = each;
    await fails(source(aws.url).open(), {
      name,
      message: `Cannot sign as ${summary}`,
      hint,
      fact: `error: ${each}`,
    });
  }
  assert.equal(aws.asked.length, cases.length, "each asked once: nothing is tried again");
  // What is too long for a name could be something else.
  type = KEY.replace(/^0x/, "");
  await assert.rejects(source(aws.url).open(), (error: PotError) => {
    assert.equal(error.message, "Cannot sign as AWS refused the request");
    assert.ok(!Deno.inspect(error, { depth: 20, showHidden: true }).includes(type));
    return true;
  });
});

Deno.test("createAwsSsmKeySource() refuses credentials that AWS does not know, or that have expired", async () => {
  const { sessionToken: _, ...withoutToken } = CREDENTIALS;
  await using aws = serve();
  const wrong = [
    { ...CREDENTIALS, secretAccessKey: "another" },
    { ...CREDENTIALS, accessKeyId: "AKIAANOTHER" },
    { ...CREDENTIALS, sessionToken: "another" },
    withoutToken,
  ];
  for (const credentials of wrong) {
    await fails(source(aws.url, { credentials }).open(), {
      name: "UsageError",
      message: "Cannot sign as AWS does not accept the credentials",
      hint: /AWS_SESSION_TOKEN.*clock/,
    });
  }
  await fails(source(aws.url, { region: "us-east-1" }).open(), {
    name: "UsageError",
    message: "Cannot sign as AWS does not accept the credentials",
  });
  await using late = serve({ credentials: [{ ...CREDENTIALS, isExpired: true }] });
  await fails(source(late.url).open(), {
    name: "UsageError",
    message: "Cannot sign as the AWS credentials have expired",
  });
});

Deno.test("createAwsSsmKeySource() cannot tell where the answer is cut, garbled or none", async () => {
  let fault: "cut" | { readonly body: string } = "cut";
  await using aws = serve({ faultOf: () => fault });
  const unanswered = { name: "UnreachableError", message: "Cannot sign as AWS did not answer" };
  await fails(source(aws.url).open(), unanswered);
  // V8's own message for it would quote the beginning.
  fault = { body: KEY };
  await fails(source(aws.url).open(), unanswered);
  fault = { body: "{}" };
  await fails(source(aws.url).open(), {
    name: "UsageError",
    message: "Cannot sign as the parameter is not a SecureString",
  });
  await fails(source("http://127.0.0.1:1").open(), { ...unanswered, fact: "reason: ECONNREFUSED" });
});

Deno.test("createAwsSsmKeySource() stops waiting when its signal aborts", async () => {
  await using aws = serve({ faultOf: () => "hang" });
  const stop = new AbortController();
  const reason = new Error("enough");
  setTimeout(() => stop.abort(reason), 50);
  await assert.rejects(source(aws.url).open({ signal: stop.signal }), (error) => error === reason);
  await assert.rejects(source(aws.url).open({ signal: stop.signal }), (error) => error === reason);
  assert.equal(aws.asked.length, 1);
});

Deno.test("createAwsSsmKeySource() sends nothing over plain HTTP to another machine", async () => {
  await fails(source("http://ssm.example.org").open(), {
    name: "UsageError",
    message: "Cannot ask AWS as its endpoint is not HTTPS",
    fact: "host: ssm.example.org",
    hint: /AWS_ENDPOINT_URL/,
  });
});
