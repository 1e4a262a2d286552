package driver;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.util.Map;
import org.forgerock.openicf.framework.ConnectorFramework;
import org.forgerock.openicf.framework.async.AsyncConnectorInfoManager;
import org.forgerock.openicf.framework.remote.AsyncRemoteConnectorInfoManager;
import org.forgerock.openicf.framework.remote.FailoverLoadBalancingAlgorithmFactory;
import org.forgerock.openicf.framework.remote.LoadBalancingAlgorithmFactory;
import org.forgerock.openicf.framework.remote.LoadBalancingConnectorInfoManager;
import org.forgerock.openicf.framework.remote.RoundRobinLoadBalancingAlgorithmFactory;

/** Dialled servers (`peers`) behind the framework's own distributor of that `kind`: `failover` or `roundRobin`. */
final class Balancer implements Peer {

    private final ConnectorFramework framework = new ConnectorFramework(Balancer.class.getClassLoader());
    private final LoadBalancingConnectorInfoManager connectors;

    Balancer(Args args, Peers peers) {
        LoadBalancingAlgorithmFactory algorithm = Map.of(
                "failover", new FailoverLoadBalancingAlgorithmFactory(),
                "roundRobin", new RoundRobinLoadBalancingAlgorithmFactory()).get(args.text("kind"));
        for (JsonElement name : args.array("peers")) {
            AsyncConnectorInfoManager server = peers.get(name.getAsString()).connectors();
            algorithm.addAsyncRemoteConnectorInfoManager((AsyncRemoteConnectorInfoManager) server);
        }
        connectors = framework.getRemoteManager(algorithm);
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
        return new JsonObject();
    }

    @Override
    public void close() {
        framework.close();
    }
}
