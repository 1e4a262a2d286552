package driver;

import com.google.gson.JsonObject;
import org.forgerock.openicf.framework.ConnectorFramework;
import org.forgerock.openicf.framework.async.AsyncConnectorInfoManager;

/** One end of a conversation: a framework of its own and the sockets that it dialled or accepted. */
interface Peer extends AutoCloseable {

    ConnectorFramework framework();

    /** The connectors that the other side offers. */
    AsyncConnectorInfoManager connectors();

    /** What can be seen of the sockets: the port, if this end listens, and whether a socket is up. */
    JsonObject state();
}
