package driver;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.forgerock.openicf.framework.async.AsyncConnectorFacade;
import org.forgerock.util.promise.Promise;
import org.identityconnectors.common.l10n.CurrentLocale;
import org.identityconnectors.framework.api.APIConfiguration;
import org.identityconnectors.framework.api.ConfigurationProperty;
import org.identityconnectors.framework.api.ConnectorFacade;
import org.identityconnectors.framework.api.ConnectorInfo;
import org.identityconnectors.framework.api.ResultsHandlerConfiguration;
import org.identityconnectors.framework.api.operations.APIOperation;
import org.identityconnectors.framework.common.FrameworkUtil;
import org.identityconnectors.framework.common.objects.Attribute;
import org.identityconnectors.framework.common.objects.ConnectorObject;
import org.identityconnectors.framework.common.objects.ObjectClass;
import org.identityconnectors.framework.common.objects.OperationOptions;
import org.identityconnectors.framework.common.objects.ScriptContext;
import org.identityconnectors.framework.common.objects.SearchResult;
import org.identityconnectors.framework.common.objects.SyncDelta;
import org.identityconnectors.framework.common.objects.SyncToken;
import org.identityconnectors.framework.common.objects.Uid;

/**
 * One operation on one connector of a peer. `configuration` sets properties of the announced default configuration,
 * `timeouts` limits operations (`{"SearchApiOp":1000}`, in ms), `resultsHandler` and `pool` set what their members
 * name; `op` is the operation. With `reportConfigurationChanges` a change of the connector's configuration is an event;
 * `waitForChangeMillis` is how long the answer waits for one.
 */
final class Operations {

    private final Peer peer;
    private final Args args;
    private final Events events;
    private final CountDownLatch changed = new CountDownLatch(1);

    Operations(Peer peer, Args args, Events events) {
        this.peer = peer;
        this.args = args;
        this.events = events;
    }

    JsonElement run() throws Exception {
        ConnectorFacade facade = peer.framework().newInstance(configuration());
        CurrentLocale.set(Catalogue.locale(args));
        try {
            JsonElement answer = run(facade, Objects.options(args));
            // A change that the operation made may be told after its answer.
            changed.await(args.number("waitForChangeMillis", 0), TimeUnit.MILLISECONDS);
            return answer;
        } finally {
            CurrentLocale.clear();
        }
    }

    private JsonElement run(ConnectorFacade facade, OperationOptions options) throws Exception {
        return switch (args.text("op")) {
            case "test" -> done(facade::test);
            case "validate" -> done(facade::validate);
            case "schema" -> Schemas.write(facade.schema());
            case "search" -> search(facade, options);
            case "sync" -> sync(facade, options);
            case "latestSyncToken" -> Objects.write(facade.getLatestSyncToken(args.objectClass()));
            case "get" -> Objects.write(facade.getObject(args.objectClass(), uid(), options));
            case "delete" -> done(() -> facade.delete(args.objectClass(), uid(), options));
            case "scriptOnConnector" -> Values.write(facade.runScriptOnConnector(script(), options));
            case "batch" -> Batches.execute(facade, args, options, events);
            case "queryBatch" -> Batches.query(facade, args, options, events);
            case "subscribeObjects" -> subscribeObjects(facade, options);
            case "subscribeChanges" -> subscribeChanges(facade, options);
            case "cancelCreate" -> cancelCreate((AsyncConnectorFacade) facade, options);
            case "scriptOnResource" -> Values.write(facade.runScriptOnResource(script(), options));
            default -> Objects.write(named(facade, options));
        };
    }

    /** The operations that answer a uid. */
    private Uid named(ConnectorFacade facade, OperationOptions options) {
        ObjectClass objectClass = args.objectClass();
        Uid uid = uid();
        Set<Attribute> attributes = args.has("attributes") ? Objects.attributes(args.array("attributes")) : null;
        return switch (args.text("op")) {
            case "create" -> facade.create(objectClass, attributes, options);
            case "update" -> facade.update(objectClass, uid, attributes, options);
            case "addValues" -> facade.addAttributeValues(objectClass, uid, attributes, options);
            case "removeValues" -> facade.removeAttributeValues(objectClass, uid, attributes, options);
            case "authenticate" ->
                facade.authenticate(objectClass, args.text("username"), args.secret("password"), options);
            case "resolveUsername" -> facade.resolveUsername(objectClass, args.text("username"), options);
            default -> throw new IllegalArgumentException("no operation is called '" + args.text("op") + "'");
        };
    }

    private Uid uid() {
        return Objects.uid(args.json().get("uid"));
    }

    private JsonElement search(ConnectorFacade facade, OperationOptions options) throws Interrupted {
        Collector results = new Collector(args.object("handler"), events);
        return results.collect(() -> {
            SearchResult result = facade.search(
                    args.objectClass(),
                    Filters.read(args.json().get("filter")),
                    object -> results.take(() -> Objects.write(object)),
                    options);
            return Objects.write(result);
        });
    }

    private JsonElement sync(ConnectorFacade facade, OperationOptions options) throws Interrupted {
        Collector results = new Collector(args.object("handler"), events);
        return results.collect(() -> {
            SyncToken token = facade.sync(
                    args.objectClass(),
                    Objects.token(args.json().get("token")),
                    delta -> results.take(() -> Objects.write(delta)),
                    options);
            return Objects.write(token);
        });
    }

    private JsonElement subscribeObjects(ConnectorFacade facade, OperationOptions options) throws Exception {
        Observed<ConnectorObject> observed = new Observed<>(args, events, Objects::write);
        return observed.collect(() -> facade.subscribe(
                args.objectClass(), Filters.read(args.json().get("filter")), observed, options));
    }

    private JsonElement subscribeChanges(ConnectorFacade facade, OperationOptions options) throws Exception {
        Observed<SyncDelta> observed = new Observed<>(args, events, Objects::write);
        return observed.collect(() -> facade.subscribe(
                args.objectClass(), Objects.token(args.json().get("token")), observed, options));
    }

    /** Gives a creation up after `cancelAfterMillis`, and answers whether that was in time. */
    private JsonElement cancelCreate(AsyncConnectorFacade facade, OperationOptions options) throws Exception {
        Promise<Uid, RuntimeException> creation =
                facade.createAsync(args.objectClass(), Objects.attributes(args.array("attributes")), options);
        Thread.sleep(args.number("cancelAfterMillis"));
        return new JsonPrimitive(creation.cancel(true));
    }

    private ScriptContext script() {
        Args script = args.object("script");
        Map<String, Object> arguments = new HashMap<>();
        script.object("arguments").json().entrySet().forEach(
                argument -> arguments.put(argument.getKey(), Values.read(argument.getValue())));
        return new ScriptContext(script.text("language"), script.text("text"), arguments);
    }

    private APIConfiguration configuration() throws Exception {
        ConnectorInfo info = peer.connectors()
                .findConnectorInfoAsync(args.connectorKey())
                .getOrThrow(args.number("waitSeconds", 20), TimeUnit.SECONDS);
        APIConfiguration configuration = info.createDefaultAPIConfiguration();
        args.object("configuration").json().entrySet().forEach(
                property -> configuration.getConfigurationProperties().setPropertyValue(
                        property.getKey(), Values.read(property.getValue())));
        args.object("timeouts").json().entrySet().forEach(
                timeout -> configuration.setTimeout(operation(timeout.getKey()), timeout.getValue().getAsInt()));
        configure(configuration.getResultsHandlerConfiguration(), args.object("resultsHandler"));
        Args pool = args.object("pool");
        if (pool.has("maxObjects")) {
            configuration.getConnectorPoolConfiguration().setMaxObjects(pool.number("maxObjects"));
        }
        if (args.has("producerBufferSize")) {
            configuration.setProducerBufferSize(args.number("producerBufferSize"));
        }
        if (args.flag("reportConfigurationChanges")) {
            configuration.setChangeListener(this::reportChange);
        }
        return configuration;
    }

    private static void configure(ResultsHandlerConfiguration handlers, Args flags) {
        if (flags.has("enableNormalizingResultsHandler")) {
            handlers.setEnableNormalizingResultsHandler(flags.flag("enableNormalizingResultsHandler"));
        }
        if (flags.has("enableFilteredResultsHandler")) {
            handlers.setEnableFilteredResultsHandler(flags.flag("enableFilteredResultsHandler"));
        }
        if (flags.has("enableCaseInsensitiveFilter")) {
            handlers.setEnableCaseInsensitiveFilter(flags.flag("enableCaseInsensitiveFilter"));
        }
        if (flags.has("enableAttributesToGetSearchResultsHandler")) {
            handlers.setEnableAttributesToGetSearchResultsHandler(
                    flags.flag("enableAttributesToGetSearchResultsHandler"));
        }
    }

    private void reportChange(List<ConfigurationProperty> changes) {
        JsonArray properties = new JsonArray();
        for (ConfigurationProperty property : changes) {
            // The texts of a property that came alone cannot be looked up.
            JsonObject change = new JsonObject();
            change.addProperty("name", property.getName());
            change.add("value", Values.write(property.getValue()));
            properties.add(change);
        }
        JsonObject event = new JsonObject();
        event.add("event", new JsonPrimitive("configurationChange"));
        event.add("properties", properties);
        events.emit(event);
        changed.countDown();
    }

    private static Class<? extends APIOperation> operation(String simpleName) {
        return FrameworkUtil.allAPIOperations().stream()
                .filter(operation -> operation.getSimpleName().equals(simpleName))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("no operation is called '" + simpleName + "'"));
    }

    private static JsonElement done(Runnable operation) {
        operation.run();
        return JsonNull.INSTANCE;
    }
}
