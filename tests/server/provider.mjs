// A provider of OpenID Connect for the tests: `node provider.mjs PORT REDIRECT`. Any name and password signs in.
import { Provider } from "oidc-provider";

const [port, redirect] = process.argv.slice(2);
const secret = "a secret that the tests know: %&/+ ";
const client = (id, more) => ({ client_id: id, redirect_uris: [redirect], ...more });
const provider = new Provider(`http://127.0.0.1:${port}`, {
  clients: [
    client("runs", { client_secret: secret }),
    client("public", { token_endpoint_auth_method: "none" }),
  ],
  claims: { openid: ["sub"], profile: ["preferred_username"] },
  cookies: { keys: ["of the tests"] },
  pkce: { required: () => true },
  findAccount: (_, id) => ({
    accountId: id,
    claims: () => ({ sub: id, preferred_username: id.replace("subject-of-", "") }),
  }),
});
provider.listen(Number(port), "127.0.0.1");
