package driver;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.identityconnectors.common.l10n.CurrentLocale;
import org.identityconnectors.common.pooling.ObjectPoolConfiguration;
import org.identityconnectors.framework.api.APIConfiguration;
import org.identityconnectors.framework.api.ConfigurationProperty;
import org.identityconnectors.framework.api.ConnectorInfo;
import org.identityconnectors.framework.api.ConnectorKey;
import org.identityconnectors.framework.api.ResultsHandlerConfiguration;
import org.identityconnectors.framework.impl.api.ConfigurationPropertyImpl;

/** The connectors that the other side announced, with all that an IDM's administration shows of them. */
final class Catalogue {

    private static final long POLL_MILLIS = 20;

    private Catalogue() {
    }

    /**
     * Waits until at least `atLeast` connectors (1 if not given) are known, at most `waitSeconds`; texts are in
     * `locale`.
     */
    static JsonElement list(Peer peer, Args args) throws Exception {
        int atLeast = args.number("atLeast", 1);
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(args.number("waitSeconds", 20));
        List<ConnectorInfo> infos = peer.connectors().getConnectorInfos();
        while (infos.size() < atLeast) {
            if (System.nanoTime() > end) {
                throw new TimeoutException("the other side announced " + infos.size() + " connectors, not " + atLeast);
            }
            Thread.sleep(POLL_MILLIS);
            infos = peer.connectors().getConnectorInfos();
        }
        CurrentLocale.set(locale(args));
        try {
            return Values.sorted(infos.stream().map(Catalogue::write).toList());
        } finally {
            CurrentLocale.clear();
        }
    }

    /** `locale` as in `de_AT`; English if not given. */
    static Locale locale(Args args) {
        String[] parts = args.text("locale", "en").split("_", 3);
        return new Locale(parts[0], parts.length > 1 ? parts[1] : "", parts.length > 2 ? parts[2] : "");
    }

    static JsonObject write(ConnectorKey key) {
        JsonObject json = new JsonObject();
        json.addProperty("bundleName", key.getBundleName());
        json.addProperty("bundleVersion", key.getBundleVersion());
        json.addProperty("connectorName", key.getConnectorName());
        return json;
    }

    static JsonObject write(ConfigurationProperty property) {
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

    private static JsonObject write(ConnectorInfo info) {
        APIConfiguration configuration = info.createDefaultAPIConfiguration();
        JsonObject json = new JsonObject();
        json.add("connectorKey", write(info.getConnectorKey()));
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
