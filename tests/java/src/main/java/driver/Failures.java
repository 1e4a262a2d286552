package driver;

import com.google.gson.JsonObject;
import org.identityconnectors.framework.impl.api.remote.RemoteWrappedException;

/** An exception as JSON: its class and message, for a relayed one the class at the other side, and its causes. */
final class Failures {

    private static final int MAX_DEPTH = 8;

    private Failures() {
    }

    static JsonObject write(Throwable e) {
        return write(e, MAX_DEPTH);
    }

    private static JsonObject write(Throwable e, int depth) {
        JsonObject json = new JsonObject();
        json.addProperty("class", e.getClass().getName());
        json.addProperty("message", e.getMessage());
        if (e instanceof RemoteWrappedException remote) {
            json.addProperty("remoteClass", remote.getExceptionClass());
        }
        if (e.getCause() != null && depth > 0) {
            json.add("cause", write(e.getCause(), depth - 1));
        }
        return json;
    }
}
