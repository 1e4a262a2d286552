package driver;

import com.google.gson.JsonObject;
import java.net.URI;
import java.util.concurrent.TimeUnit;
import org.forgerock.openicf.framework.ConnectorFramework;
import org.forgerock.openicf.framework.async.AsyncConnectorInfoManager;
import org.forgerock.openicf.framework.client.ClientRemoteConnectorInfoManager;
import org.forgerock.openicf.framework.client.ConnectionManagerConfig;
import org.forgerock.openicf.framework.client.RemoteWSFrameworkConnectionInfo;
import org.identityconnectors.common.security.GuardedString;

/**
 * Dials out through the published framework. As an IDM (`connect`) it drives the connectors found at the other side; as
 * a client-mode connector server (`agent`, see {@link Host}) it offers its own.
 */
final class Dialer implements Peer {

    private static final int WAIT_SECONDS = 20;

    private final ConnectorFramework framework;
    private final ClientRemoteConnectorInfoManager sockets;
    private final AsyncConnectorInfoManager connectors;

    private Dialer(ConnectorFramework framework, RemoteWSFrameworkConnectionInfo to) {
        this.framework = framework;
        connectors = framework.getRemoteManager(to);
        // The framework registers one manager for one connection info, so this is the one just made.
        sockets = (ClientRemoteConnectorInfoManager) framework.getRemoteConnectionInfoManagerFactory().connect(to);
    }

    /**
     * Dials `url` (or `host`, `port`, `useSsl`: then at `/openicf`) with `principal` and `password`, and waits for the
     * first socket to be up, or reports why it is not. `waitSeconds` 0 does not wait.
     */
    static Dialer connect(Args args) throws Exception {
        return dial(new ConnectorFramework(Dialer.class.getClassLoader()), args);
    }

    static Dialer dial(ConnectorFramework framework, Args args) throws Exception {
        framework.setConnectionManagerConfig(new Trust(args.object("trustStore")));
        Dialer dialer = new Dialer(framework, target(args));
        int waitSeconds = args.number("waitSeconds", WAIT_SECONDS);
        if (waitSeconds > 0) {
            try {
                dialer.sockets.connect().getOrThrow(waitSeconds, TimeUnit.SECONDS);
            } catch (Exception e) {
                dialer.close();
                throw e;
            }
        }
        return dialer;
    }

    /**
     * Opens further sockets to the same side, under the same session id. The dialer of this OpenICF release never
     * replaces a socket that closed, so this is how a conversation goes on after all of them are gone.
     */
    void redial(Args args) throws Exception {
        RemoteWSFrameworkConnectionInfo again = target(args);
        ClientRemoteConnectorInfoManager more =
                (ClientRemoteConnectorInfoManager) framework.getRemoteConnectionInfoManagerFactory().connect(again);
        more.connect().getOrThrow(args.number("waitSeconds", WAIT_SECONDS), TimeUnit.SECONDS);
    }

    private static RemoteWSFrameworkConnectionInfo target(Args args) {
        RemoteWSFrameworkConnectionInfo.Builder target = RemoteWSFrameworkConnectionInfo.newBuilder()
                .setRemoteURI(URI.create(args.has("url") ? args.text("url") : serverModeUrl(args)))
                .setPrincipal(args.text("principal", "anonymous"))
                .setPassword(args.secret("password"));
        if (args.has("proxyHost")) {
            target.setProxyHost(args.text("proxyHost")).setProxyPort(args.number("proxyPort"));
        }
        if (args.has("proxyPrincipal")) {
            target.setProxyPrincipal(args.text("proxyPrincipal")).setProxyPassword(args.secret("proxyPassword"));
        }
        return target.build();
    }

    private static String serverModeUrl(Args args) {
        return (args.flag("useSsl") ? "wss://" : "ws://") + args.text("host") + ":" + args.number("port") + "/openicf";
    }

    @Override
    public ConnectorFramework framework() {
        return framework;
    }

    @Override
    public AsyncConnectorInfoManager connectors() {
        return connectors;
    }

    @Override
    public JsonObject state() {
        JsonObject state = new JsonObject();
        state.addProperty("operational", sockets.isOperational());
        return state;
    }

    @Override
    public void close() {
        framework.close();
    }

    /** The framework's configuration has getters for a trust store but no way to set one. */
    private static final class Trust extends ConnectionManagerConfig {

        private final Args store;

        Trust(Args store) {
            this.store = store;
        }

        @Override
        public String getTrustStoreFile() {
            return store.text("path", null);
        }

        @Override
        public String getTrustStoreType() {
            return store.text("type", null);
        }

        @Override
        public GuardedString getTrustStorePass() {
            return store.has("password") ? store.secret("password") : null;
        }
    }
}
