package driver;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.Supplier;
import org.identityconnectors.framework.api.Observer;
import org.identityconnectors.framework.common.objects.Subscription;

/**
 * Takes what an observer is told, until it is told the end: `{"items":[...],"end":"completed"}`, or with `end` the
 * exception, or `closed` after `closeAfter` items (or `timedOut` after `waitSeconds`, 20 if not given). With
 * `reportEvery` each so many items are an event.
 */
final class Observed<T> implements Observer<T> {

    private static final int WAIT_SECONDS = 20;

    private final Function<T, JsonElement> write;
    private final Events events;
    private final int closeAfter;
    private final int reportEvery;
    private final int waitSeconds;
    private final JsonArray items = new JsonArray();
    private final CountDownLatch ended = new CountDownLatch(1);
    private JsonElement end = JsonNull.INSTANCE;

    Observed(Args args, Events events, Function<T, JsonElement> write) {
        this.write = write;
        this.events = events;
        closeAfter = args.number("closeAfter", Integer.MAX_VALUE);
        reportEvery = args.number("reportEvery", 0);
        waitSeconds = args.number("waitSeconds", WAIT_SECONDS);
    }

    /** Waits for the end of what `start` began. */
    JsonObject collect(Supplier<Subscription> start) throws Exception {
        Subscription subscription = start.get();
        boolean told = ended.await(waitSeconds, TimeUnit.SECONDS);
        if (!told || items() >= closeAfter) {
            subscription.close();
        }
        JsonObject seen = new JsonObject();
        synchronized (this) {
            seen.add("items", items.deepCopy());
            seen.add("end", told ? end : new JsonPrimitive("timedOut"));
        }
        seen.addProperty("unsubscribed", subscription.isUnsubscribed());
        return seen;
    }

    private synchronized int items() {
        return items.size();
    }

    @Override
    public synchronized void onNext(T item) {
        items.add(write.apply(item));
        if (reportEvery > 0 && items.size() % reportEvery == 0) {
            JsonObject event = new JsonObject();
            event.addProperty("event", "items");
            event.addProperty("count", items.size());
            events.emit(event);
        }
        if (items.size() >= closeAfter) {
            end(new JsonPrimitive("closed"));
        }
    }

    @Override
    public void onCompleted() {
        end(new JsonPrimitive("completed"));
    }

    @Override
    public void onError(Throwable e) {
        end(Failures.write(e));
    }

    private synchronized void end(JsonElement with) {
        if (ended.getCount() > 0) {
            end = with;
            ended.countDown();
        }
    }
}
