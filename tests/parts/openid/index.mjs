// A certified OpenID provider on a loopback port, for tests alone. One argument: a file of JSON that says the port, where
// it may send people back to, where it tells of a sign-out, who its one client is, and whom it knows.
// What happens is said on standard output, a line of JSON each.
import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { Provider } from 'oidc-provider';

const asked = JSON.parse(readFileSync(process.argv[2], 'utf8'));
const say = (line) => process.stdout.write(`${JSON.stringify(line)}\n`);
const issuer = `http://127.0.0.1:${asked.port}`;
const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const signing = { ...privateKey.export({ format: 'jwk' }), use: 'sig', alg: 'RS256', kid: 'provider-1' };
const scope = 'openid profile email';

const provider = new Provider(issuer, {
  clients: [{
    client_id: asked.client_id,
    redirect_uris: [asked.answer_address],
    response_types: ['code'],
    grant_types: ['authorization_code'],
    token_endpoint_auth_method: 'private_key_jwt',
    token_endpoint_auth_signing_alg: asked.key_algorithm,
    id_token_signed_response_alg: 'RS256',
    jwks: { keys: [asked.public_key] },
    backchannel_logout_uri: asked.logout_address,
    backchannel_logout_session_required: true,
    scope,
  }],
  jwks: { keys: [signing] },
  enabledJWA: { clientAuthSigningAlgValues: ['RS256', 'RS512', 'ES256', 'Ed25519'] },
  // Shaped like the identities of NHS staff: levels of assurance, and roles that our own directory must not heed.
  scopes: ['openid', 'profile', 'email'],
  claims: {
    openid: ['sub', 'sid'],
    profile: ['name', 'nhsid_useruid', 'nhsid_nrbac_roles', 'id_assurance_level', 'authentication_assurance_level'],
    email: ['email'],
    acr: null,
    auth_time: null,
    iss: null,
  },
  acrValues: ['AAL1_USERPASS', 'AAL2_ANY', 'AAL3_ANY'],
  findAccount: (_, id) => asked.people[id] && { accountId: id, claims: () => ({ sub: id, ...asked.people[id].claims }) },
  // Whoever signs in agrees to all that is asked for: it is their employer's own.
  loadExistingGrant: async (ctx) => {
    const { client, session } = ctx.oidc;
    const grant = new ctx.oidc.provider.Grant({ clientId: client.clientId, accountId: session.accountId });
    grant.addOIDCScope(scope);
    await grant.save();
    return grant;
  },
  interactions: { url: (_, interaction) => `/interaction/${interaction.uid}` },
  cookies: { keys: [randomUUID()] },
  pkce: { required: () => true },
  ttl: { Session: 3600, Interaction: 600, Grant: 3600, AccessToken: 600, IdToken: 600, AuthorizationCode: 60 },
  features: {
    devInteractions: { enabled: false },
    backchannelLogout: { enabled: true },
    rpInitiatedLogout: {
      enabled: true,
      logoutSource: (ctx, form) => { ctx.body = form.replace('</form>', '<button name="logout" value="yes">out</button></form>'); },
      postLogoutSuccessSource: (ctx) => { ctx.body = 'signed out'; },
    },
  },
  // It would not knock at a loopback address by itself.
  fetch: (address, { dispatcher, ...options }) => globalThis.fetch(address, options),
  renderError: (ctx, out) => { ctx.type = 'json'; ctx.body = out; },
});

provider.on('backchannel.success', () => say({ event: 'told of a sign-out' }));
provider.on('backchannel.error', (_, error) => say({ event: 'could not tell', error: error.message }));
provider.on('grant.error', (_, error) => say({ event: 'no token', error: error.message, detail: error.error_detail }));
provider.on('server_error', (_, error) => say({ event: 'failed', error: error.message }));

const answer = provider.callback();
const page = /^\/interaction\/[\w-]+(?:\?who=([\w-]+))?$/;
createServer(async (request, response) => {
  const found = page.exec(request.url);
  if (!found) return answer(request, response);
  // The one page of ours: GET says what is asked, POST with `who` signs that person in, without it nobody.
  if (request.method !== 'POST') {
    const { prompt } = await provider.interactionDetails(request, response);
    return response.end(`who are you? ${prompt.name}`);
  }
  const who = found[1];
  const result = who
    ? { login: { accountId: who, acr: asked.people[who].acr, amr: ['pin'] } }
    : { error: 'access_denied', error_description: 'somebody@example.org changed their mind' };
  return provider.interactionFinished(request, response, result);
}).listen(asked.port, '127.0.0.1', () => say({ issuer }));
