// A strict OAuth server: oidc-provider with refresh tokens that are replaced at every use. A token that was replaced
// ends the whole grant when it is shown again. Prints a first refresh token beside its port.
import { createServer } from "node:http";
import Provider from "oidc-provider";

const seconds = Number(process.argv[2] ?? 3600);
const clientAuthentication = process.argv[3] ?? "client_secret_basic";
const provider = new Provider("http://127.0.0.1", {
    clients: [{
        client_id: "client",
        client_secret: "s3cret-of-the-client",
        token_endpoint_auth_method: clientAuthentication,
        grant_types: ["client_credentials", "authorization_code", "refresh_token"],
        redirect_uris: ["https://localhost/back"],
        scope: "openid offline_access scim",
    }],
    features: { clientCredentials: { enabled: true }, devInteractions: { enabled: false } },
    findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: id }) }),
    rotateRefreshToken: true,
    scopes: ["openid", "offline_access", "scim"],
    ttl: { AccessToken: seconds, ClientCredentials: seconds, RefreshToken: 86400, Grant: 86400 },
});
const client = await provider.Client.find("client");
const grant = new provider.Grant({ accountId: "service", clientId: "client" });
grant.addOIDCScope("openid offline_access scim");
const grantId = await grant.save();
const refresh = new provider.RefreshToken({
    accountId: "service", client, grantId, gty: "authorization_code", scope: "openid offline_access scim",
    expiresWithSession: false, rotations: 0, iiat: Math.floor(Date.now() / 1000),
});
const token = await refresh.save();
const listener = createServer(provider.callback()).listen(0, "127.0.0.1", () => {
    console.log(`port ${listener.address().port} ${token}`);
});
