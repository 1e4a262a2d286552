package driver;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.identityconnectors.common.l10n.CurrentLocale;
import org.identityconnectors.framework.api.APIConfiguration;
import org.identityconnectors.framework.api.ConnectorFacade;
import org.identityconnectors.framework.api.ConnectorFacadeFactory;
import org.identityconnectors.framework.api.operations.APIOperation;
import org.identityconnectors.framework.common.FrameworkUtil;
import org.identityconnectors.framework.common.objects.Attribute;
import org.identityconnectors.framework.common.objects.ConnectorObject;
import org.identityconnectors.framework.common.objects.ObjectClass;
import org.identityconnectors.framework.common.objects.OperationOptions;
import org.identityconnectors.framework.common.objects.ResultsHandler;
import org.identityconnectors.framework.common.objects.ScriptContext;
import org.identityconnectors.framework.common.objects.SearchResult;
import org.identityconnectors.framework.common.objects.SyncToken;
import org.identityconnectors.framework.common.objects.Uid;
import org.identityconnectors.framework.spi.SearchResultsHandler;

/**
 * One operation on one connector of a peer. `configuration` sets properties of the announced default configuration,
 * `timeouts` limits operations (`{"SearchApiOp":1000}`, in ms), `resultsHandler` sets what its members name; `op` is the
 * operation.
 */
final class Operations {

    private final Remote remote;
    private final Args args;
    private final Events events;

    Operations(Remote remote, Args args, Events events) {
        this.remote = remote;
        this.args = args;
        this.events = events;
    }

    JsonElement run() throws Exception {
        ConnectorFacade facade = ConnectorFacadeFactory.getInstance().newInstance(configuration());
        CurrentLocale.set(Remote.locale(args));
        try {
            return run(facade, Objects.options(args));
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
            case "scriptOnResource" -> Values.write(facade.runScriptOnResource(script(), options));
            case "updateDelta" -> Newer.updateDelta(facade, args, options);
            case "liveSync" -> Newer.liveSync(facade, args.objectClass(), options);
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

    /**
     * The handler takes the end of a page, too, as a caller that pages does, and it is among the `pages` of the answer;
     * with `"plain":true` it is one that does not.
     */
    private JsonElement search(ConnectorFacade facade, OperationOptions options) throws Interrupted {
        Collector results = new Collector(args.object("handler"), events);
        JsonArray pages = new JsonArray();
        ResultsHandler plain = object -> results.take(() -> Objects.write(object));
        ResultsHandler handler = args.flag("plain") ? plain : new SearchResultsHandler() {
            @Override
            public void handleResult(SearchResult result) {
                pages.add(Objects.write(result));
            }

            @Override
            public boolean handle(ConnectorObject object) {
                return plain.handle(object);
            }
        };
        JsonObject answer = results.collect(() -> Objects.write(
                facade.search(args.objectClass(), Filters.read(args.json().get("filter")), handler, options)));
        answer.add("pages", pages);
        return answer;
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

    private ScriptContext script() {
        Args script = args.object("script");
        Map<String, Object> arguments = new HashMap<>();
        script.object("arguments").json().entrySet().forEach(
                argument -> arguments.put(argument.getKey(), Values.read(argument.getValue())));
        return new ScriptContext(script.text("language"), script.text("text"), arguments);
    }

    private APIConfiguration configuration() {
        APIConfiguration configuration = remote.find(args).createDefaultAPIConfiguration();
        args.object("configuration").json().entrySet().forEach(
                property -> configuration.getConfigurationProperties().setPropertyValue(
                        property.getKey(), Values.read(property.getValue())));
        args.object("timeouts").json().entrySet().forEach(
                timeout -> configuration.setTimeout(operation(timeout.getKey()), timeout.getValue().getAsInt()));
        Args flags = args.object("resultsHandler");
        if (flags.has("enableNormalizingResultsHandler")) {
            configuration.getResultsHandlerConfiguration().setEnableNormalizingResultsHandler(
                    flags.flag("enableNormalizingResultsHandler"));
        }
        if (flags.has("enableFilteredResultsHandler")) {
            configuration.getResultsHandlerConfiguration().setEnableFilteredResultsHandler(
                    flags.flag("enableFilteredResultsHandler"));
        }
        if (flags.has("enableCaseInsensitiveFilter")) {
            configuration.getResultsHandlerConfiguration().setEnableCaseInsensitiveFilter(
                    flags.flag("enableCaseInsensitiveFilter"));
        }
        if (flags.has("enableAttributesToGetSearchResultsHandler")) {
            configuration.getResultsHandlerConfiguration().setEnableAttributesToGetSearchResultsHandler(
                    flags.flag("enableAttributesToGetSearchResultsHandler"));
        }
        return configuration;
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
