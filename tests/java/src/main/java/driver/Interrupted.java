package driver;

import com.google.gson.JsonObject;

/** A search or sync that failed after it may have delivered something. */
final class Interrupted extends Exception {

    private static final long serialVersionUID = 1L;

    private final transient JsonObject seen;

    Interrupted(Throwable cause, JsonObject seen) {
        super(cause);
        this.seen = seen;
    }

    JsonObject seen() {
        return seen;
    }
}
