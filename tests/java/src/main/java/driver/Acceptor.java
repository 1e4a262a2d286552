package driver;

import com.google.gson.JsonObject;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.forgerock.openicf.common.protobuf.RPCMessages.HandshakeMessage;
import org.forgerock.openicf.framework.ConnectorFramework;
import org.forgerock.openicf.framework.async.AsyncConnectorInfoManager;
import org.forgerock.openicf.framework.remote.ConnectionPrincipal;
import org.forgerock.openicf.framework.remote.OpenICFServerAdapter;
import org.forgerock.openicf.framework.remote.rpc.OperationMessageListener;
import org.forgerock.openicf.framework.remote.rpc.RemoteOperationContext;
import org.forgerock.openicf.framework.remote.rpc.WebSocketConnectionGroup;
import org.forgerock.openicf.framework.remote.rpc.WebSocketConnectionHolder;

/**
 * Joins accepted sockets to the framework: one principal for all of them, groups by the session id of the other side,
 * and the periodic check of the groups (first after `firstGroupCheckSeconds`, then every `groupCheckSeconds`; 60 and
 * 240 as in the published acceptors). The acceptors of OpenICF itself are not published as artifacts, so this glue is
 * ours; what is said over the sockets is the framework's.
 */
final class Acceptor implements AutoCloseable {

    private final ConnectorFramework framework;
    private final OperationMessageListener listener;
    private final ConcurrentMap<String, WebSocketConnectionGroup> groups = new ConcurrentHashMap<>();
    private final Set<Holder> open = ConcurrentHashMap.newKeySet();
    private final Principal principal = new Principal();
    private final ScheduledExecutorService checker = Executors.newSingleThreadScheduledExecutor();

    Acceptor(ConnectorFramework framework, Args args) {
        this.framework = framework;
        listener = new OpenICFServerAdapter(framework, framework.getLocalManager(), false);
        checker.scheduleWithFixedDelay(
                this::checkGroups,
                args.number("firstGroupCheckSeconds", 60),
                args.number("groupCheckSeconds", 240),
                TimeUnit.SECONDS);
    }

    ConnectorFramework framework() {
        return framework;
    }

    AsyncConnectorInfoManager connectors() {
        return framework.getServerManager(principal.getName());
    }

    JsonObject state() {
        JsonObject state = new JsonObject();
        state.addProperty("operational", principal.isOperational());
        state.addProperty("sockets", open.size());
        state.addProperty("groups", groups.size());
        return state;
    }

    /** Takes a socket whose upgrade is done. */
    Holder admit(Socket socket) {
        Holder holder = new Holder(socket);
        open.add(holder);
        listener.onConnect(holder);
        return holder;
    }

    @Override
    public void close() {
        checker.shutdownNow();
        groups.values().forEach(group -> group.principalIsShuttingDown(principal));
        open.forEach(WebSocketConnectionHolder::close);
        principal.close();
        framework.close();
    }

    private void checkGroups() {
        groups.values().removeIf(group -> !group.checkIsActive());
    }

    /** What a socket of some library has to be able to do. */
    interface Socket {

        boolean isOpen();

        Future<?> send(byte[] message);

        Future<?> send(String message);

        void ping(byte[] payload);

        void pong(byte[] payload);

        void close();
    }

    /** One accepted socket, as the framework wants to see it. */
    final class Holder extends WebSocketConnectionHolder {

        private final Socket socket;
        private volatile RemoteOperationContext context;

        private Holder(Socket socket) {
            this.socket = socket;
        }

        void received(byte[] message) {
            listener.onMessage(this, message);
        }

        void received(String message) {
            listener.onMessage(this, message);
        }

        void pinged(byte[] payload) {
            listener.onPing(this, payload);
        }

        void ponged(byte[] payload) {
            listener.onPong(this, payload);
        }

        void closed(int code, String reason) {
            open.remove(this);
            listener.onClose(this, code, reason);
            close();
        }

        @Override
        protected void handshake(HandshakeMessage message) {
            context = principal.handshake(this, message);
            if (context == null) {
                close();
            }
        }

        @Override
        protected void tryClose() {
            socket.close();
        }

        @Override
        public boolean isOperational() {
            return socket.isOpen();
        }

        @Override
        public RemoteOperationContext getRemoteConnectionContext() {
            return context;
        }

        @Override
        public Future<?> sendBytes(byte[] message) {
            return socket.send(message);
        }

        @Override
        public Future<?> sendString(String message) {
            return socket.send(message);
        }

        @Override
        public void sendPing(byte[] payload) {
            socket.ping(payload);
        }

        @Override
        public void sendPong(byte[] payload) {
            socket.pong(payload);
        }
    }

    private final class Principal extends ConnectionPrincipal<Principal> {

        Principal() {
            super(null, groups);
        }

        @Override
        protected void onNewWebSocketConnectionGroup(WebSocketConnectionGroup group) {
            framework.getServerManager(getName()).addWebSocketConnectionGroup(group);
        }

        @Override
        protected void doClose() {
        }
    }
}
