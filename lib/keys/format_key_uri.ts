import type { KeyUri } from "./parse_key_uri.ts";

/** Writes a key URI so that `parseKeyUri` reads the same from it. Of a `signer:` the path may be a secret: show it redacted only. */
export function formatKeyUri(uri: KeyUri): string {
  const { kind } = uri;
  switch (uri.kind) {
    case "env":
      return `${kind}:${uri.variable}`;
    case "keystore":
      return `${kind}:${uri.path}`;
    case "aws-ssm":
      return `${kind}:${uri.parameter}${awsQuery(uri)}`;
    case "aws-kms":
      return `${kind}:${uri.keyId}${awsQuery(uri)}`;
    case "azure-secret":
      return `${kind}:${[uri.vaultUrl, uri.secret, ...given(uri.version)].join("/")}`;
    case "azure-key":
      return `${kind}:${[uri.vaultUrl, uri.key, ...given(uri.version)].join("/")}`;
    case "vault":
      return `${kind}:${uri.url}/${encodeURIComponent(uri.mount)}/${uri.path}#${uri.field}`;
    case "signer":
      return `${kind}:${uri.url}${uri.address === undefined ? "" : `?address=${uri.address}`}`;
  }
}

function awsQuery({ region, endpoint }: { readonly region?: string; readonly endpoint?: string }): string {
  const parts = [
    ...given(region).map((text) => `region=${text}`),
    ...given(endpoint).map((text) => `endpoint=${text}`),
  ];
  return parts.length === 0 ? "" : `?${parts.join("&")}`;
}

function given(text: string | undefined): string[] {
  return text === undefined ? [] : [text];
}
