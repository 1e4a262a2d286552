package driver;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.servlet.ServletContextHandler;
import org.eclipse.jetty.util.ssl.SslContextFactory;
import org.eclipse.jetty.websocket.api.Session;
import org.eclipse.jetty.websocket.api.StatusCode;
import org.eclipse.jetty.websocket.api.WebSocketListener;
import org.eclipse.jetty.websocket.api.WebSocketPingPongListener;
import org.eclipse.jetty.websocket.api.WriteCallback;
import org.eclipse.jetty.websocket.server.JettyServerUpgradeRequest;
import org.eclipse.jetty.websocket.server.JettyServerUpgradeResponse;
import org.eclipse.jetty.websocket.server.JettyWebSocketServerContainer;
import org.eclipse.jetty.websocket.server.config.JettyWebSocketServletContainerInitializer;
import org.forgerock.openicf.framework.ConnectorFramework;
import org.forgerock.openicf.framework.async.AsyncConnectorInfoManager;
import org.forgerock.openicf.framework.client.RemoteWSFrameworkConnectionInfo;

/**
 * An IDM that is dialled: Jetty at `port` (0: any free one), path `/openicf` and below. Jetty's limits, 64 KiB a
 * message and 30 s of silence, hold unless `maxMessageBytes` and `idleSeconds` say otherwise. With `authorization`,
 * only upgrades that carry exactly this header are let in, the others get 403.
 */
final class JettyDoor implements Peer {

    private final Server server = new Server();
    private final Acceptor acceptor;
    private final String authorization;
    private final JsonArray upgrades = new JsonArray();

    private JettyDoor(Args args) {
        acceptor = new Acceptor(new ConnectorFramework(JettyDoor.class.getClassLoader()), args);
        authorization = args.text("authorization", null);
    }

    static JettyDoor open(Args args) throws Exception {
        JettyDoor door = new JettyDoor(args);
        ServerConnector connector = args.has("keyStore")
                ? new ServerConnector(door.server, tls(args.object("keyStore")))
                : new ServerConnector(door.server);
        connector.setHost("127.0.0.1");
        connector.setPort(args.number("port", 0));
        door.server.addConnector(connector);
        ServletContextHandler context = new ServletContextHandler();
        JettyWebSocketServletContainerInitializer.configure(
                context, (servlets, sockets) -> door.configure(sockets, args));
        door.server.setHandler(context);
        door.server.start();
        return door;
    }

    private static SslContextFactory.Server tls(Args store) {
        SslContextFactory.Server tls = new SslContextFactory.Server();
        tls.setKeyStorePath(store.text("path"));
        tls.setKeyStorePassword(store.text("password"));
        tls.setKeyStoreType(store.text("type", "PKCS12"));
        return tls;
    }

    private void configure(JettyWebSocketServerContainer sockets, Args args) {
        if (args.has("maxMessageBytes")) {
            sockets.setMaxBinaryMessageSize(args.number("maxMessageBytes"));
        }
        if (args.has("maxFrameBytes")) {
            sockets.setMaxFrameSize(args.number("maxFrameBytes"));
        }
        if (args.has("idleSeconds")) {
            sockets.setIdleTimeout(Duration.ofSeconds(args.number("idleSeconds")));
        }
        sockets.addMapping("/openicf/*", this::admit);
    }

    private Object admit(JettyServerUpgradeRequest request, JettyServerUpgradeResponse response) {
        record(request);
        if (authorization != null && !authorization.equals(request.getHeader("Authorization"))) {
            refuse(response);
            return null;
        }
        if (request.getSubProtocols().contains(RemoteWSFrameworkConnectionInfo.OPENICF_PROTOCOL)) {
            response.setAcceptedSubProtocol(RemoteWSFrameworkConnectionInfo.OPENICF_PROTOCOL);
        }
        return new Endpoint();
    }

    private static void refuse(JettyServerUpgradeResponse response) {
        try {
            response.sendForbidden("the upgrade request carries no valid Authorization");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void record(JettyServerUpgradeRequest request) {
        JsonObject headers = new JsonObject();
        request.getHeaders().forEach(
                (name, values) -> headers.add(name.toLowerCase(Locale.ROOT), Values.items(values)));
        JsonObject upgrade = new JsonObject();
        upgrade.addProperty("path", request.getRequestPath());
        upgrade.addProperty("query", request.getQueryString());
        upgrade.add("headers", headers);
        synchronized (upgrades) {
            upgrades.add(upgrade);
        }
    }

    @Override
    public ConnectorFramework framework() {
        return acceptor.framework();
    }

    @Override
    public AsyncConnectorInfoManager connectors() {
        return acceptor.connectors();
    }

    @Override
    public JsonObject state() {
        JsonObject state = acceptor.state();
        state.addProperty("port", ((ServerConnector) server.getConnectors()[0]).getLocalPort());
        synchronized (upgrades) {
            state.add("upgrades", upgrades.deepCopy());
        }
        return state;
    }

    @Override
    public void close() throws Exception {
        acceptor.close();
        server.stop();
    }

    /** One socket; Jetty calls it, and the framework sends through it. */
    private final class Endpoint implements WebSocketListener, WebSocketPingPongListener, Acceptor.Socket {

        private volatile Session session;
        private volatile Acceptor.Holder holder;

        @Override
        public void onWebSocketConnect(Session opened) {
            session = opened;
            holder = acceptor.admit(this);
        }

        @Override
        public void onWebSocketBinary(byte[] payload, int offset, int length) {
            holder.received(Arrays.copyOfRange(payload, offset, offset + length));
        }

        @Override
        public void onWebSocketText(String message) {
            holder.received(message);
        }

        @Override
        public void onWebSocketPing(ByteBuffer payload) {
            byte[] bytes = bytes(payload);
            // Jetty leaves the answer to whoever wants to see pings; the framework has always left it to Jetty.
            pong(bytes);
            holder.pinged(bytes);
        }

        @Override
        public void onWebSocketPong(ByteBuffer payload) {
            holder.ponged(bytes(payload));
        }

        @Override
        public void onWebSocketClose(int code, String reason) {
            holder.closed(code, reason);
        }

        @Override
        public boolean isOpen() {
            return session.isOpen();
        }

        @Override
        public Future<?> send(byte[] message) {
            Sent sent = new Sent();
            session.getRemote().sendBytes(ByteBuffer.wrap(message), sent);
            return sent;
        }

        @Override
        public Future<?> send(String message) {
            Sent sent = new Sent();
            session.getRemote().sendString(message, sent);
            return sent;
        }

        @Override
        public void ping(byte[] payload) {
            session.getRemote().sendPing(ByteBuffer.wrap(payload), WriteCallback.NOOP);
        }

        @Override
        public void pong(byte[] payload) {
            session.getRemote().sendPong(ByteBuffer.wrap(payload), WriteCallback.NOOP);
        }

        @Override
        public void close() {
            session.close(StatusCode.NORMAL, "Shutdown");
        }

        private static byte[] bytes(ByteBuffer payload) {
            byte[] bytes = new byte[payload.remaining()];
            payload.get(bytes);
            return bytes;
        }
    }

    private static final class Sent extends CompletableFuture<Void> implements WriteCallback {

        @Override
        public void writeSuccess() {
            complete(null);
        }

        @Override
        public void writeFailed(Throwable reason) {
            completeExceptionally(reason);
        }
    }
}
