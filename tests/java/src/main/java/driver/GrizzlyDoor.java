package driver;

import com.google.gson.JsonObject;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Future;
import org.forgerock.openicf.framework.ConnectorFramework;
import org.forgerock.openicf.framework.async.AsyncConnectorInfoManager;
import org.forgerock.openicf.framework.client.RemoteWSFrameworkConnectionInfo;
import org.glassfish.grizzly.http.HttpRequestPacket;
import org.glassfish.grizzly.http.server.HttpServer;
import org.glassfish.grizzly.http.server.NetworkListener;
import org.glassfish.grizzly.ssl.SSLContextConfigurator;
import org.glassfish.grizzly.ssl.SSLEngineConfigurator;
import org.glassfish.grizzly.websockets.ClosingFrame;
import org.glassfish.grizzly.websockets.DataFrame;
import org.glassfish.grizzly.websockets.HandshakeException;
import org.glassfish.grizzly.websockets.ProtocolHandler;
import org.glassfish.grizzly.websockets.WebSocket;
import org.glassfish.grizzly.websockets.WebSocketAddOn;
import org.glassfish.grizzly.websockets.WebSocketApplication;
import org.glassfish.grizzly.websockets.WebSocketEngine;
import org.glassfish.grizzly.websockets.WebSocketListener;

/**
 * The Java connector server in server mode: the {@link Host}'s connectors behind Grizzly at `port` (0: any free one),
 * path `/openicf`, with the clear `key`. As with the original, fragmented messages are dropped by Grizzly, and a socket
 * may be silent for 900 s.
 */
final class GrizzlyDoor extends WebSocketApplication implements Peer {

    private static final int IDLE_SECONDS = 900;

    private final HttpServer server = new HttpServer();
    private final Acceptor acceptor;
    private final String key;
    private final Map<WebSocket, Acceptor.Holder> holders = new ConcurrentHashMap<>();

    private GrizzlyDoor(ConnectorFramework framework, Args args) {
        acceptor = new Acceptor(framework, args);
        key = args.text("key");
    }

    static GrizzlyDoor open(Args args) throws Exception {
        GrizzlyDoor door = new GrizzlyDoor(Host.framework(args), args);
        NetworkListener listener = new NetworkListener("openicf", "127.0.0.1", args.number("port", 0));
        WebSocketAddOn sockets = new WebSocketAddOn();
        sockets.setTimeoutInSeconds(IDLE_SECONDS);
        listener.registerAddOn(sockets);
        if (args.has("keyStore")) {
            listener.setSecure(true);
            listener.setSSLEngineConfig(tls(args.object("keyStore")));
        }
        door.server.addListener(listener);
        door.server.getServerConfiguration().setHttpServerName("OpenICF Connector Server");
        // The engine is one for the whole process, so a driver serves at most once.
        WebSocketEngine.getEngine().register("", "/openicf", door);
        door.server.start();
        return door;
    }

    private static SSLEngineConfigurator tls(Args store) {
        SSLContextConfigurator context = new SSLContextConfigurator(false);
        context.setKeyStoreFile(store.text("path"));
        context.setKeyStorePass(store.text("password"));
        context.setKeyStoreType(store.text("type", "PKCS12"));
        SSLEngineConfigurator tls = new SSLEngineConfigurator(context.createSSLContext(true), false, false, false);
        tls.setEnabledProtocols(new String[] {"TLSv1.2"});
        return tls;
    }

    @Override
    public WebSocket createSocket(ProtocolHandler handler, HttpRequestPacket request, WebSocketListener... listeners) {
        String[] scheme = String.valueOf(request.getHeader("Authorization")).split(" ", 2);
        if (scheme.length != 2 || !scheme[0].equalsIgnoreCase("Basic")) {
            throw new HandshakeException(401, "Unauthorized. ");
        }
        String decoded = new String(Base64.getDecoder().decode(scheme[1]), StandardCharsets.ISO_8859_1);
        String[] credentials = decoded.split(":", 2);
        if (credentials.length != 2 || !credentials[1].trim().equals(key)) {
            throw new HandshakeException(403, "Failed To connect");
        }
        return super.createSocket(handler, request, listeners);
    }

    @Override
    public List<String> getSupportedProtocols(List<String> offered) {
        String ours = RemoteWSFrameworkConnectionInfo.OPENICF_PROTOCOL;
        return offered.contains(ours) ? List.of(ours) : List.of();
    }

    @Override
    public void onConnect(WebSocket socket) {
        super.onConnect(socket);
        holders.put(socket, acceptor.admit(new Endpoint(socket)));
    }

    @Override
    public void onMessage(WebSocket socket, byte[] message) {
        holders.get(socket).received(message);
    }

    @Override
    public void onMessage(WebSocket socket, String message) {
        holders.get(socket).received(message);
    }

    @Override
    public void onPing(WebSocket socket, byte[] payload) {
        super.onPing(socket, payload);
        holders.get(socket).pinged(payload);
    }

    @Override
    public void onPong(WebSocket socket, byte[] payload) {
        holders.get(socket).ponged(payload);
    }

    @Override
    public void onClose(WebSocket socket, DataFrame frame) {
        super.onClose(socket, frame);
        Acceptor.Holder holder = holders.remove(socket);
        if (holder != null && frame instanceof ClosingFrame closing) {
            holder.closed(closing.getCode(), closing.getReason());
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
        state.addProperty("port", server.getListeners().iterator().next().getPort());
        return state;
    }

    @Override
    public void close() {
        server.shutdownNow();
        acceptor.close();
    }

    private record Endpoint(WebSocket socket) implements Acceptor.Socket {

        @Override
        public boolean isOpen() {
            return socket.isConnected();
        }

        @Override
        public Future<?> send(byte[] message) {
            return socket.send(message);
        }

        @Override
        public Future<?> send(String message) {
            return socket.send(message);
        }

        @Override
        public void ping(byte[] payload) {
            socket.sendPing(payload);
        }

        @Override
        public void pong(byte[] payload) {
            socket.sendPong(payload);
        }

        @Override
        public void close() {
            socket.close();
        }
    }
}
