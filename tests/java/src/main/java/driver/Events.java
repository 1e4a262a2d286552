package driver;

import com.google.gson.JsonObject;

/** Where a running command reports what happens before its answer. */
interface Events {

    void emit(JsonObject event);
}
