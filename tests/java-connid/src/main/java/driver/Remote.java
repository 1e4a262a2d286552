package driver;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import java.io.FileInputStream;
import java.io.InputStream;
import java.security.KeyStore;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import org.identityconnectors.common.pooling.ObjectPoolConfiguration;
import org.identityconnectors.framework.api.APIConfiguration;
import org.identityconnectors.framework.api.ConfigurationProperty;
import org.identityconnectors.framework.api.ConnectorInfo;
import org.identityconnectors.framework.api.ConnectorInfoManager;
import org.identityconnectors.framework.api.ConnectorInfoManagerFactory;
import org.identityconnectors.framework.api.ConnectorKey;
import org.identityconnectors.framework.api.RemoteFrameworkConnectionInfo;
import org.identityconnectors.framework.api.ResultsHandlerConfiguration;
import org.identityconnectors.framework.impl.api.ConfigurationPropertyImpl;

/** The remote managers that commands opened, by the names that their answers gave. */
final class Remote {

    private final Map<String, ConnectorInfoManager> open = new ConcurrentHashMap<>();
    private final AtomicInteger names = new AtomicInteger();

    /** Asks `host`, `port` what it has to offer, with the key `password`; `timeoutMillis` for connecting and reading. */
    JsonElement connect(Args args) throws Exception {
        ConnectorInfoManagerFactory factory = ConnectorInfoManagerFactory.getInstance();
        ConnectorInfoManager manager;
        // It keeps what a server once said.
        synchronized (factory) {
            factory.clearRemoteCache();
            manager = factory.getRemoteManager(new RemoteFrameworkConnectionInfo(
                    args.text("host"), args.number("port"), args.secret("password"), args.flag("useSsl"),
                    trust(args.object("trustStore")), args.number("timeoutMillis", 60_000)));
        }
        String name = "p" + names.incrementAndGet();
        open.put(name, manager);
        JsonObject answer = new JsonObject();
        answer.addProperty("peer", name);
        return answer;
    }

    /** The connectors, with texts in `locale`. */
    JsonElement list(Args args) {
        return Values.sorted(get(args).getConnectorInfos().stream().map(Remote::write).toList());
    }

    JsonElement close(Args args) {
        open.remove(args.text("peer"));
        return JsonNull.INSTANCE;
    }

    ConnectorInfo find(Args args) {
        ConnectorKey key = args.connectorKey();
        ConnectorInfo info = get(args).findConnectorInfo(key);
        if (info == null) {
            throw new IllegalArgumentException("the server offers no " + key);
        }
        return info;
    }

    private ConnectorInfoManager get(Args args) {
        ConnectorInfoManager manager = open.get(args.text("peer"));
        if (manager == null) {
            throw new IllegalArgumentException("no peer is called '" + args.text("peer") + "'");
        }
        return manager;
    }

    private static List<TrustManager> trust(Args store) throws Exception {
        if (!store.has("path")) {
            return List.of();
        }
        KeyStore trusted = KeyStore.getInstance(store.text("type", "PKCS12"));
        try (InputStream file = new FileInputStream(store.text("path"))) {
            trusted.load(file, store.text("password").toCharArray());
        }
        TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        factory.init(trusted);
        return Arrays.asList(factory.getTrustManagers());
    }

    /** `locale` as in `de_AT`; English if not given. */
    static Locale locale(Args args) {
        String[] parts = args.text("locale", "en").split("_", 2);
        return parts.length > 1 ? new Locale(parts[0], parts[1]) : new Locale(parts[0]);
    }

    private static JsonObject write(ConnectorInfo info) {
        APIConfiguration configuration = info.createDefaultAPIConfiguration();
        JsonObject key = new JsonObject();
        key.addProperty("bundleName", info.getConnectorKey().getBundleName());
        key.addProperty("bundleVersion", info.getConnectorKey().getBundleVersion());
        key.addProperty("connectorName", info.getConnectorKey().getConnectorName());
        JsonObject json = new JsonObject();
        json.add("connectorKey", key);
        json.addProperty("displayName", info.getConnectorDisplayName());
        json.addProperty("category", info.getConnectorCategory());
        json.add("operations", Schemas.operations(configuration.getSupportedOperations()));
        JsonArray properties = new JsonArray();
        for (String name : configuration.getConfigurationProperties().getPropertyNames()) {
            properties.add(write(configuration.getConfigurationProperties().getProperty(name)));
        }
        json.add("properties", properties);
        json.add("resultsHandler", write(configuration.getResultsHandlerConfiguration()));
        json.addProperty("poolingSupported", configuration.isConnectorPoolingSupported());
        json.add("pool", write(configuration.getConnectorPoolConfiguration()));
        json.addProperty("producerBufferSize", configuration.getProducerBufferSize());
        json.add("timeouts", timeouts(configuration));
        return json;
    }

    private static JsonObject write(ConfigurationProperty property) {
        JsonObject json = new JsonObject();
        json.addProperty("name", property.getName());
        json.addProperty("type", Values.typeName(property.getType()));
        json.add("value", Values.write(property.getValue()));
        json.addProperty("order", ((ConfigurationPropertyImpl) property).getOrder());
        json.addProperty("required", property.isRequired());
        json.addProperty("confidential", property.isConfidential());
        json.add("operations", Schemas.operations(property.getOperations()));
        json.addProperty("display", property.getDisplayName(null));
        json.addProperty("help", property.getHelpMessage(null));
        json.addProperty("group", property.getGroup(null));
        return json;
    }

    private static JsonObject write(ResultsHandlerConfiguration handlers) {
        JsonObject json = new JsonObject();
        json.addProperty("enableNormalizingResultsHandler", handlers.isEnableNormalizingResultsHandler());
        json.addProperty("enableFilteredResultsHandler", handlers.isEnableFilteredResultsHandler());
        json.addProperty("enableCaseInsensitiveFilter", handlers.isEnableCaseInsensitiveFilter());
        json.addProperty(
                "enableAttributesToGetSearchResultsHandler", handlers.isEnableAttributesToGetSearchResultsHandler());
        return json;
    }

    private static JsonObject write(ObjectPoolConfiguration pool) {
        JsonObject json = new JsonObject();
        if (pool != null) {
            json.addProperty("maxObjects", pool.getMaxObjects());
            json.addProperty("maxIdle", pool.getMaxIdle());
            json.addProperty("minIdle", pool.getMinIdle());
            json.addProperty("maxWait", pool.getMaxWait());
            json.addProperty("minEvictableIdleTimeMillis", pool.getMinEvictableIdleTimeMillis());
        }
        return json;
    }

    private static JsonObject timeouts(APIConfiguration configuration) {
        JsonObject json = new JsonObject();
        configuration.getSupportedOperations().stream()
                .sorted(Comparator.comparing(Class::getSimpleName))
                .forEach(operation -> json.addProperty(operation.getSimpleName(), configuration.getTimeout(operation)));
        return json;
    }
}
