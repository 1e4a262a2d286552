package refconn;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import org.identityconnectors.framework.common.objects.Attribute;
import org.identityconnectors.framework.common.objects.AttributeBuilder;
import org.identityconnectors.framework.common.objects.ConnectorObject;
import org.identityconnectors.framework.common.objects.ConnectorObjectBuilder;
import org.identityconnectors.framework.common.objects.ObjectClass;
import org.identityconnectors.framework.common.objects.OperationOptions;
import org.identityconnectors.framework.common.objects.OperationalAttributes;
import org.identityconnectors.framework.common.objects.ResultsHandler;
import org.identityconnectors.framework.common.objects.SearchResult;
import org.identityconnectors.framework.common.objects.SearchResult.CountPolicy;
import org.identityconnectors.framework.common.objects.SortKey;
import org.identityconnectors.framework.common.objects.SyncDelta;
import org.identityconnectors.framework.common.objects.SyncDeltaBuilder;
import org.identityconnectors.framework.common.objects.SyncDeltaType;
import org.identityconnectors.framework.common.objects.SyncResultsHandler;
import org.identityconnectors.framework.common.objects.SyncToken;
import org.identityconnectors.framework.common.objects.Uid;
import org.identityconnectors.framework.common.objects.filter.Filter;
import org.identityconnectors.framework.spi.SearchResultsHandler;
import org.identityconnectors.framework.spi.SyncTokenResultsHandler;
import refconn.World.Change;
import refconn.World.Stored;

/** Searching and synchronising: what there is, or what is made up. */
final class Reads {

    private final ReferenceConfiguration configuration;
    private final World world;

    Reads(ReferenceConfiguration configuration, World world) {
        this.configuration = configuration;
        this.world = world;
    }

    static Uid uid(Stored object, ReferenceConfiguration configuration) {
        return configuration.getRevisions()
                ? new Uid(object.uid, Integer.toString(object.writes))
                : new Uid(object.uid);
    }

    Uid uid(Stored object) {
        return uid(object, configuration);
    }

    void search(ObjectClass objectClass, Filter filter, ResultsHandler handler, OperationOptions options) {
        Orders orders = new Orders(options);
        SearchResult result;
        if (orders.generate != null) {
            for (int i = 0; orders.hasItem(i); i++) {
                orders.beforeItem();
                if (!handler.handle(madeUp(orders, objectClass, i))) {
                    countStop(orders);
                    return;
                }
            }
            result = all(orders.generate);
        } else {
            List<ConnectorObject> found = new ArrayList<>();
            if (orders.describe) {
                found.add(call(objectClass, "filter", Conditions.describe(filter), options));
                result = all(1);
            } else {
                result = page(matching(objectClass, filter, options), options, found);
            }
            for (ConnectorObject object : found) {
                orders.beforeItem();
                if (!handler.handle(object)) {
                    break;
                }
            }
        }
        orders.atEnd();
        if (!orders.answerNull && handler instanceof SearchResultsHandler reporting) {
            reporting.handleResult(result);
        }
    }

    private List<ConnectorObject> matching(ObjectClass objectClass, Filter filter, OperationOptions options) {
        ReferenceSchema.checkClass(objectClass);
        List<ConnectorObject> found = new ArrayList<>();
        synchronized (world) {
            for (Stored object : world.objects) {
                if (object.objectClass.equals(objectClass)) {
                    ConnectorObject shown = shown(object, options);
                    if (filter == null || !configuration.getJudgesFilters() || filter.accept(shown)) {
                        found.add(shown);
                    }
                }
            }
        }
        SortKey[] keys = options.getSortKeys() == null ? new SortKey[0] : options.getSortKeys();
        List<SortKey> lastFirst = new ArrayList<>(Arrays.asList(keys));
        Collections.reverse(lastFirst);
        for (SortKey key : lastFirst) {
            Comparator<ConnectorObject> order = Comparator.comparing(object -> sorting(object, key.getField()));
            found.sort(key.isAscendingOrder() ? order : order.reversed());
        }
        return found;
    }

    private static String sorting(ConnectorObject object, String field) {
        Attribute attribute = object.getAttributeByName(field);
        return attribute == null ? "" : Describe.attribute(attribute);
    }

    /** Puts the page that the options ask for into `page`. */
    private static SearchResult page(
            List<ConnectorObject> found, OperationOptions options, List<ConnectorObject> page) {
        Integer size = options.getPageSize();
        if (size == null || size <= 0) {
            page.addAll(found);
            return all(found.size());
        }
        int start = Math.min(start(options), found.size());
        int next = Math.min(start + size, found.size());
        page.addAll(found.subList(start, next));
        String cookie = next < found.size() ? Integer.toString(next) : null;
        return new SearchResult(cookie, CountPolicy.EXACT, found.size(), found.size() - next);
    }

    private static int start(OperationOptions options) {
        String cookie = options.getPagedResultsCookie();
        if (cookie == null) {
            Integer offset = options.getPagedResultsOffset();
            return offset == null ? 0 : Math.max(0, offset);
        }
        try {
            return Integer.parseUnsignedInt(cookie);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("Not a cookie: " + cookie, e);
        }
    }

    private static SearchResult all(int total) {
        return new SearchResult(null, CountPolicy.EXACT, total, 0);
    }

    void sync(ObjectClass objectClass, SyncToken token, SyncResultsHandler handler, OperationOptions options) {
        Orders orders = new Orders(options);
        int end;
        if (orders.generate != null) {
            for (int i = 0; orders.hasItem(i); i++) {
                orders.beforeItem();
                if (!handler.handle(created(i + 1, madeUp(orders, objectClass, i)))) {
                    countStop(orders);
                    return;
                }
            }
            end = orders.generate;
        } else {
            List<SyncDelta> found = new ArrayList<>();
            if (orders.describe) {
                String described = token == null ? "null" : Describe.value(token.getValue());
                found.add(created(1, call(objectClass, "token", described, options)));
                end = 1;
            } else {
                ReferenceSchema.checkClassOrAll(objectClass);
                end = changes(objectClass, token == null ? 0 : position(token), options, found);
            }
            for (SyncDelta delta : found) {
                orders.beforeItem();
                if (!handler.handle(delta)) {
                    return;
                }
            }
        }
        orders.atEnd();
        if (!orders.answerNull && handler instanceof SyncTokenResultsHandler reporting) {
            reporting.handleResult(new SyncToken(end));
        }
    }

    /** Puts what the journal holds of a class after a position into `into`, and tells its length. */
    int changes(ObjectClass objectClass, int after, OperationOptions options, List<SyncDelta> into) {
        synchronized (world) {
            for (int i = after; i < world.journal.size(); i++) {
                Change change = world.journal.get(i);
                if (objectClass.equals(ObjectClass.ALL) || change.object().objectClass.equals(objectClass)) {
                    into.add(delta(i + 1, change, options));
                }
            }
            return world.journal.size();
        }
    }

    static int position(SyncToken token) {
        if (token.getValue() instanceof Integer position) {
            return Math.max(0, position);
        }
        throw new IllegalArgumentException("Not a token: " + Describe.value(token.getValue()));
    }

    private SyncDelta delta(int number, Change change, OperationOptions options) {
        SyncDeltaBuilder delta = new SyncDeltaBuilder();
        delta.setToken(new SyncToken(number));
        delta.setDeltaType(change.type());
        if (change.previous() != null) {
            delta.setPreviousUid(new Uid(change.previous()));
        }
        delta.setObjectClass(change.object().objectClass);
        delta.setUid(uid(change.object()));
        if (change.type() != SyncDeltaType.DELETE) {
            delta.setObject(shown(change.object(), options));
        }
        return delta.build();
    }

    SyncDelta created(int number, ConnectorObject object) {
        SyncDeltaBuilder delta = new SyncDeltaBuilder();
        delta.setToken(new SyncToken(number));
        delta.setDeltaType(SyncDeltaType.CREATE);
        delta.setObjectClass(object.getObjectClass());
        delta.setUid(object.getUid());
        delta.setObject(object);
        return delta.build();
    }

    /** The object as callers see it. */
    private ConnectorObject shown(Stored object, OperationOptions options) {
        List<String> asked =
                options.getAttributesToGet() == null ? List.of() : Arrays.asList(options.getAttributesToGet());
        ConnectorObjectBuilder shown = new ConnectorObjectBuilder();
        shown.setObjectClass(object.objectClass);
        shown.setUid(uid(object));
        shown.setName(object.name);
        object.attributes.forEach((name, values) -> {
            boolean secret = name.equalsIgnoreCase(OperationalAttributes.PASSWORD_NAME)
                    || name.equalsIgnoreCase("notReadable");
            boolean hidden = name.equalsIgnoreCase("hidden") && asked.stream().noneMatch(name::equalsIgnoreCase);
            if (!secret && !hidden) {
                shown.addAttribute(AttributeBuilder.build(name, values));
            }
        });
        return shown.build();
    }

    ConnectorObject madeUp(Orders orders, ObjectClass objectClass, int i) {
        ConnectorObjectBuilder object = new ConnectorObjectBuilder();
        object.setObjectClass(objectClass);
        object.setUid("g" + i);
        object.setName("generated " + i);
        object.addAttribute("number", i);
        if (orders.textLength != null && orders.textLength >= 0) {
            object.addAttribute("text", "x".repeat(orders.textLength));
        }
        return object.build();
    }

    /** The object that describes a call; `what` is its filter or its token, by that name. */
    private static ConnectorObject call(
            ObjectClass objectClass, String what, String described, OperationOptions options) {
        ConnectorObjectBuilder object = new ConnectorObjectBuilder();
        object.setObjectClass(objectClass);
        object.setUid("call");
        object.setName("call");
        object.addAttribute("class", Describe.quoted(objectClass.getObjectClassValue()));
        object.addAttribute(what, described);
        object.addAttribute("options", Describe.options(options));
        return object.build();
    }

    void countStop(Orders orders) {
        if (orders.isEndless()) {
            world.stopped.incrementAndGet();
        }
    }
}
