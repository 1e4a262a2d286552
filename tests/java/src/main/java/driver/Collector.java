package driver;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.util.concurrent.Callable;
import java.util.function.Supplier;

/**
 * Takes the items of a search or sync as its `handler` says: `keep` (how many items go into the answer; all if not
 * given), `stopAfter` (asks for no more once this many came), `failAfter` (throws instead), `delayMillis` (a slow
 * consumer), `reportEvery` (an event `{"event":"items","count":n}` every so many).
 */
final class Collector {

    private final Events events;
    private final int keep;
    private final int stopAfter;
    private final int failAfter;
    private final int delayMillis;
    private final int reportEvery;
    private final JsonArray items = new JsonArray();
    private int count;

    Collector(Args handler, Events events) {
        this.events = events;
        keep = handler.number("keep", Integer.MAX_VALUE);
        stopAfter = handler.number("stopAfter", Integer.MAX_VALUE);
        failAfter = handler.number("failAfter", Integer.MAX_VALUE);
        delayMillis = handler.number("delayMillis", 0);
        reportEvery = handler.number("reportEvery", 0);
    }

    /** Runs the operation: `{"items":[...],"count":n,"result":...}`. What came before a failure is reported with it. */
    JsonObject collect(Callable<JsonElement> operation) throws Interrupted {
        try {
            JsonElement result = operation.call();
            JsonObject answer = seen();
            answer.add("result", result);
            return answer;
        } catch (Throwable e) {
            throw new Interrupted(e, seen());
        }
    }

    synchronized boolean take(Supplier<JsonElement> item) {
        count++;
        if (items.size() < keep) {
            items.add(item.get());
        }
        if (reportEvery > 0 && count % reportEvery == 0) {
            JsonObject event = new JsonObject();
            event.addProperty("event", "items");
            event.addProperty("count", count);
            events.emit(event);
        }
        if (count >= failAfter) {
            throw new IllegalStateException("the handler fails after " + failAfter + " items");
        }
        pause();
        return count < stopAfter;
    }

    private synchronized JsonObject seen() {
        JsonObject seen = new JsonObject();
        seen.add("items", items.deepCopy());
        seen.addProperty("count", count);
        return seen;
    }

    private void pause() {
        if (delayMillis > 0) {
            try {
                Thread.sleep(delayMillis);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
