package refconn;

import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;
import java.util.function.Predicate;
import org.identityconnectors.framework.api.Observer;
import org.identityconnectors.framework.common.objects.ConnectorObject;
import org.identityconnectors.framework.common.objects.ObjectClass;
import org.identityconnectors.framework.common.objects.OperationOptions;
import org.identityconnectors.framework.common.objects.Subscription;
import org.identityconnectors.framework.common.objects.SyncDelta;
import org.identityconnectors.framework.common.objects.SyncToken;
import org.identityconnectors.framework.common.objects.filter.Filter;

/** Subscriptions: a thread each, which makes events up or follows the journal as it grows. */
final class Events<T> implements Subscription, Runnable {

    private static final long LOOK_MILLIS = 50;

    private final Reads reads;
    private final World world;
    private final ObjectClass objectClass;
    private final Observer<T> observer;
    private final OperationOptions options;
    private final Orders orders;
    private final IntFunction<T> madeUp;
    private final Predicate<SyncDelta> wanted;
    private final java.util.function.Function<SyncDelta, T> item;
    private int seen;
    private volatile boolean closed;
    private volatile boolean done;

    private Events(
            Reads reads, World world, ObjectClass objectClass, int seen, Observer<T> observer,
            OperationOptions options, Orders orders, IntFunction<T> madeUp, Predicate<SyncDelta> wanted,
            java.util.function.Function<SyncDelta, T> item) {
        this.reads = reads;
        this.world = world;
        this.objectClass = objectClass;
        this.seen = seen;
        this.observer = observer;
        this.options = options;
        this.orders = orders;
        this.madeUp = madeUp;
        this.wanted = wanted;
        this.item = item;
    }

    static Subscription objects(
            Reads reads, World world, ObjectClass objectClass, Filter filter, Observer<ConnectorObject> observer,
            OperationOptions options) {
        Orders orders = new Orders(options);
        return start(new Events<>(
                reads, world, objectClass, now(world), observer, options, orders,
                i -> reads.madeUp(orders, objectClass, i),
                delta -> delta.getObject() != null && (filter == null || filter.accept(delta.getObject())),
                SyncDelta::getObject));
    }

    static Subscription deltas(
            Reads reads, World world, ObjectClass objectClass, SyncToken token, Observer<SyncDelta> observer,
            OperationOptions options) {
        Orders orders = new Orders(options);
        int from = token == null ? now(world) : Reads.position(token);
        return start(new Events<>(
                reads, world, objectClass, from, observer, options, orders,
                i -> reads.created(i + 1, reads.madeUp(orders, objectClass, i)), delta -> true, delta -> delta));
    }

    private static int now(World world) {
        synchronized (world) {
            return world.journal.size();
        }
    }

    private static Subscription start(Events<?> events) {
        Thread thread = new Thread(events, "reference events");
        thread.setDaemon(true);
        thread.start();
        return events;
    }

    @Override
    public void run() {
        try {
            if (orders.generate != null) {
                for (int i = 0; orders.hasItem(i) && !closed; i++) {
                    orders.beforeItem();
                    observer.onNext(madeUp.apply(i));
                }
            } else {
                ReferenceSchema.checkClassOrAll(objectClass);
                follow();
            }
            if (closed) {
                reads.countStop(orders);
            } else {
                orders.atEnd();
                observer.onCompleted();
            }
        } catch (RuntimeException e) {
            observer.onError(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            done = true;
        }
    }

    private void follow() throws InterruptedException {
        while (!closed) {
            List<SyncDelta> changes = new ArrayList<>();
            synchronized (world) {
                if (world.journal.size() == seen) {
                    world.wait(LOOK_MILLIS);
                }
                seen = reads.changes(objectClass, seen, options, changes);
            }
            for (SyncDelta change : changes) {
                if (wanted.test(change) && !closed) {
                    orders.beforeItem();
                    observer.onNext(item.apply(change));
                }
            }
        }
    }

    @Override
    public void close() {
        closed = true;
    }

    @Override
    public boolean isUnsubscribed() {
        return closed || done;
    }

    @Override
    public Object getReturnValue() {
        return null;
    }
}
