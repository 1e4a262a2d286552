package refconn;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.identityconnectors.common.l10n.CurrentLocale;
import org.identityconnectors.common.security.GuardedString;
import org.identityconnectors.framework.api.Observer;
import org.identityconnectors.framework.api.operations.batch.BatchTask;
import org.identityconnectors.framework.common.exceptions.InvalidCredentialException;
import org.identityconnectors.framework.common.exceptions.InvalidPasswordException;
import org.identityconnectors.framework.common.exceptions.PasswordExpiredException;
import org.identityconnectors.framework.common.exceptions.UnknownUidException;
import org.identityconnectors.framework.common.objects.Attribute;
import org.identityconnectors.framework.common.objects.BatchResult;
import org.identityconnectors.framework.common.objects.BatchToken;
import org.identityconnectors.framework.common.objects.ConnectorObject;
import org.identityconnectors.framework.common.objects.ObjectClass;
import org.identityconnectors.framework.common.objects.OperationOptions;
import org.identityconnectors.framework.common.objects.OperationOptionsBuilder;
import org.identityconnectors.framework.common.objects.OperationalAttributes;
import org.identityconnectors.framework.common.objects.ResultsHandler;
import org.identityconnectors.framework.common.objects.Schema;
import org.identityconnectors.framework.common.objects.ScriptContext;
import org.identityconnectors.framework.common.objects.Subscription;
import org.identityconnectors.framework.common.objects.SyncDelta;
import org.identityconnectors.framework.common.objects.SyncResultsHandler;
import org.identityconnectors.framework.common.objects.SyncToken;
import org.identityconnectors.framework.common.objects.Uid;
import org.identityconnectors.framework.common.objects.filter.Filter;
import org.identityconnectors.framework.common.objects.filter.FilterTranslator;
import org.identityconnectors.framework.spi.Configuration;
import org.identityconnectors.framework.spi.ConnectorClass;
import org.identityconnectors.framework.spi.PoolableConnector;
import org.identityconnectors.framework.spi.operations.AuthenticateOp;
import org.identityconnectors.framework.spi.operations.BatchOp;
import org.identityconnectors.framework.spi.operations.ConnectorEventSubscriptionOp;
import org.identityconnectors.framework.spi.operations.CreateOp;
import org.identityconnectors.framework.spi.operations.DeleteOp;
import org.identityconnectors.framework.spi.operations.ResolveUsernameOp;
import org.identityconnectors.framework.spi.operations.SchemaOp;
import org.identityconnectors.framework.spi.operations.ScriptOnConnectorOp;
import org.identityconnectors.framework.spi.operations.ScriptOnResourceOp;
import org.identityconnectors.framework.spi.operations.SearchOp;
import org.identityconnectors.framework.spi.operations.SyncEventSubscriptionOp;
import org.identityconnectors.framework.spi.operations.SyncOp;
import org.identityconnectors.framework.spi.operations.TestOp;
import org.identityconnectors.framework.spi.operations.UpdateAttributeValuesOp;

/**
 * The reference connector: every operation, value, filter, option and error of the framework, on demand. What it does is
 * laid down in `crates/icf-reference/README.md`; that crate is the same connector in Rust.
 */
@ConnectorClass(displayNameKey = "connector.display", configurationClass = ReferenceConfiguration.class)
public final class ReferenceConnector
        implements PoolableConnector, AuthenticateOp, BatchOp, ConnectorEventSubscriptionOp, CreateOp, DeleteOp,
                ResolveUsernameOp, SchemaOp, ScriptOnConnectorOp, ScriptOnResourceOp, SearchOp<Filter>,
                SyncEventSubscriptionOp, SyncOp, TestOp, UpdateAttributeValuesOp {

    private ReferenceConfiguration configuration;
    private World world;
    private Writes writes;
    private Reads reads;

    @Override
    public Configuration getConfiguration() {
        return configuration;
    }

    @Override
    public void init(Configuration given) {
        configuration = (ReferenceConfiguration) given;
        configuration.obey("init");
        world = World.of(configuration);
        world.opened.incrementAndGet();
        writes = new Writes(configuration, world);
        reads = new Reads(configuration, world);
    }

    @Override
    public void checkAlive() {
        configuration.obey("checkAlive");
    }

    @Override
    public void dispose() {
        if (world != null) {
            world.disposed.incrementAndGet();
        }
    }

    @Override
    public void test() {
        configuration.obey("test");
    }

    @Override
    public Schema schema() {
        return configuration.obey("schema") ? null : ReferenceSchema.build();
    }

    @Override
    public Uid authenticate(
            ObjectClass objectClass, String username, GuardedString password, OperationOptions options) {
        if (Orders.obey(options)) {
            return null;
        }
        writes.record("authenticate", objectClass, Describe.quoted(username), Describe.value(password), options);
        World.Stored user = find(objectClass, username);
        if (user == null) {
            throw new InvalidCredentialException("Unknown user: " + username);
        }
        if (!List.of(password).equals(user.attributes.get(OperationalAttributes.PASSWORD_NAME))) {
            throw new InvalidPasswordException("Wrong password.");
        }
        if (List.of(true).equals(user.attributes.get(OperationalAttributes.PASSWORD_EXPIRED_NAME))) {
            throw new PasswordExpiredException("The password has expired.");
        }
        return reads.uid(user);
    }

    @Override
    public Uid resolveUsername(ObjectClass objectClass, String username, OperationOptions options) {
        if (Orders.obey(options)) {
            return null;
        }
        writes.record("resolveUsername", objectClass, Describe.quoted(username), "null", options);
        World.Stored user = find(objectClass, username);
        if (user == null) {
            throw new UnknownUidException("Unknown user: " + username);
        }
        return reads.uid(user);
    }

    private World.Stored find(ObjectClass objectClass, String username) {
        ReferenceSchema.checkClass(objectClass);
        return world.named(objectClass, username);
    }

    @Override
    public Uid create(ObjectClass objectClass, Set<Attribute> attributes, OperationOptions options) {
        return Orders.obey(options) ? null : writes.create(objectClass, attributes, options);
    }

    @Override
    public Uid update(ObjectClass objectClass, Uid uid, Set<Attribute> attributes, OperationOptions options) {
        return Orders.obey(options) ? null : writes.update(objectClass, uid, attributes, options);
    }

    @Override
    public Uid addAttributeValues(
            ObjectClass objectClass, Uid uid, Set<Attribute> attributes, OperationOptions options) {
        return Orders.obey(options) ? null : writes.addValues(objectClass, uid, attributes, options);
    }

    @Override
    public Uid removeAttributeValues(
            ObjectClass objectClass, Uid uid, Set<Attribute> attributes, OperationOptions options) {
        return Orders.obey(options) ? null : writes.removeValues(objectClass, uid, attributes, options);
    }

    @Override
    public void delete(ObjectClass objectClass, Uid uid, OperationOptions options) {
        if (!Orders.obey(options)) {
            writes.delete(objectClass, uid, options);
        }
    }

    @Override
    public FilterTranslator<Filter> createFilterTranslator(ObjectClass objectClass, OperationOptions options) {
        return filter -> filter == null ? List.of() : List.of(filter);
    }

    @Override
    public void executeQuery(
            ObjectClass objectClass, Filter filter, ResultsHandler handler, OperationOptions options) {
        reads.search(objectClass, filter, handler, options);
    }

    @Override
    public void sync(
            ObjectClass objectClass, SyncToken token, SyncResultsHandler handler, OperationOptions options) {
        reads.sync(objectClass, token, handler, options);
    }

    @Override
    public SyncToken getLatestSyncToken(ObjectClass objectClass) {
        if (configuration.obey("latestSyncToken")) {
            return null;
        }
        ReferenceSchema.checkClassOrAll(objectClass);
        synchronized (world) {
            return new SyncToken(world.journal.size());
        }
    }

    @Override
    public Subscription subscribe(
            ObjectClass objectClass, Filter filter, Observer<ConnectorObject> observer, OperationOptions options) {
        return Events.objects(reads, world, objectClass, filter, observer, options);
    }

    @Override
    public Subscription subscribe(
            ObjectClass objectClass, SyncToken token, Observer<SyncDelta> observer, OperationOptions options) {
        return Events.deltas(reads, world, objectClass, token, observer, options);
    }

    @Override
    @SuppressWarnings("rawtypes")
    public Subscription executeBatch(
            List<BatchTask> tasks, Observer<BatchResult> observer, OperationOptions options) {
        return new Batches(this, world).execute(tasks, observer, given(options));
    }

    @Override
    public Subscription queryBatch(BatchToken token, Observer<BatchResult> observer, OperationOptions options) {
        return new Batches(this, world).query(token, observer, given(options));
    }

    /** Batches are the only operations where the framework passes on that there are no options. */
    private static OperationOptions given(OperationOptions options) {
        return options == null ? new OperationOptionsBuilder().build() : options;
    }

    @Override
    public Object runScriptOnConnector(ScriptContext script, OperationOptions options) {
        return run("connector", script, options);
    }

    @Override
    public Object runScriptOnResource(ScriptContext script, OperationOptions options) {
        return run("resource", script, options);
    }

    private Object run(String place, ScriptContext script, OperationOptions options) {
        if (Orders.obey(options)) {
            return null;
        }
        if (!script.getScriptLanguage().equalsIgnoreCase("reference")) {
            throw new IllegalArgumentException("Language not supported: " + script.getScriptLanguage());
        }
        Map<String, Object> arguments = script.getScriptArguments();
        switch (script.getScriptText()) {
            case "echo":
                return arguments.get("value");
            case "describe":
                return Describe.value(arguments) + " " + Describe.options(options);
            case "where":
                return place;
            case "locale":
                return CurrentLocale.get().toString();
            case "message":
                return message(arguments);
            case "configuration":
                return Values.of(configuration);
            case "configure":
                configuration.changeNote((String) arguments.get("note"));
                return null;
            case "lastCall":
                synchronized (world) {
                    return world.lastCall;
                }
            case "counters":
                return counters();
            default:
                throw new IllegalArgumentException("No script is called '" + script.getScriptText() + "'.");
        }
    }

    private Object message(Map<String, Object> arguments) {
        Object values = arguments.get("arguments");
        return configuration.getConnectorMessages().format(
                (String) arguments.get("key"),
                (String) arguments.get("default"),
                values instanceof List<?> list ? new ArrayList<>(list).toArray() : new Object[0]);
    }

    private Map<String, Integer> counters() {
        Map<String, Integer> counters = new HashMap<>();
        counters.put("opened", world.opened.get());
        counters.put("disposed", world.disposed.get());
        counters.put("stopped", world.stopped.get());
        return counters;
    }
}
