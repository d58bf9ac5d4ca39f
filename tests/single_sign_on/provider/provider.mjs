// A real OpenID Connect provider on this machine, for the tests of single sign-on. Its environment tells it:
// CLIENTS (JSON, as oidc-provider takes them), ACCOUNTS (JSON: login -> claims), STRENGTH (JSON: login -> {acr, amr}).
import { createServer } from "node:http";

import { Provider } from "oidc-provider";

const accounts = JSON.parse(process.env.ACCOUNTS);
const strengths = JSON.parse(process.env.STRENGTH ?? "{}");

const server = createServer();
server.listen(0, "127.0.0.1", () => {
  const issuer = `http://127.0.0.1:${server.address().port}`;
  const provider = new Provider(issuer, {
    clients: JSON.parse(process.env.CLIENTS),
    cookies: { keys: ["only a test"] },
    pkce: { required: () => true },
    claims: { openid: ["sub", "acr", "amr"], email: ["email", "email_verified"] },
    acrValues: ["urn:test:two-steps"],
    conformIdTokenClaims: process.env.CLAIMS_IN !== "token",
    features: { devInteractions: { enabled: true } },
    ttl: { IdToken: 300, AccessToken: 300, Interaction: 300, Session: 300, Grant: 300 },
    findAccount: (_context, login) =>
      login in accounts ? { accountId: login, claims: () => ({ sub: login, ...accounts[login] }) } : undefined,
  });

  // Its own pages for trying out say nothing about how somebody signed in; these few lines do.
  provider.use(async (context, next) => {
    if (context.method !== "POST" || !/^\/interaction\/[^/]+$/.test(context.path)) return next();
    const { prompt } = await provider.interactionDetails(context.req, context.res);
    if (prompt.name !== "login") return next();
    const parts = [];
    for await (const part of context.req) parts.push(part);
    const accountId = new URLSearchParams(Buffer.concat(parts).toString()).get("login");
    context.respond = false;
    const login = { accountId, ...strengths[accountId] };
    return provider.interactionFinished(context.req, context.res, { login }, { mergeWithLastSubmission: false });
  });

  server.on("request", provider.callback());
  console.log(`ready ${issuer}`);
});
