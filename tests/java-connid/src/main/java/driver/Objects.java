package driver;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.identityconnectors.framework.common.objects.Attribute;
import org.identityconnectors.framework.common.objects.AttributeBuilder;
import org.identityconnectors.framework.common.objects.ConnectorObject;
import org.identityconnectors.framework.common.objects.ObjectClass;
import org.identityconnectors.framework.common.objects.OperationOptions;
import org.identityconnectors.framework.common.objects.SearchResult;
import org.identityconnectors.framework.common.objects.SyncDelta;
import org.identityconnectors.framework.common.objects.SyncToken;
import org.identityconnectors.framework.common.objects.Uid;

/** Objects, attributes, uids, tokens and options as JSON and back. */
final class Objects {

    private Objects() {
    }

    /** A text, or `{"value":"...","revision":"..."}`. */
    static Uid uid(JsonElement json) {
        if (json == null || json.isJsonNull()) {
            return null;
        }
        if (json.isJsonPrimitive()) {
            return new Uid(json.getAsString());
        }
        Args parts = new Args(json.getAsJsonObject());
        return parts.has("revision")
                ? new Uid(parts.text("value"), parts.text("revision"))
                : new Uid(parts.text("value"));
    }

    static JsonElement write(Uid uid) {
        if (uid == null) {
            return JsonNull.INSTANCE;
        }
        JsonObject json = new JsonObject();
        json.addProperty("value", uid.getUidValue());
        json.addProperty("revision", uid.getRevision());
        return json;
    }

    /** `{"name":"...","values":[...]}`; values null or absent is an attribute without a value list. */
    static Attribute attribute(JsonElement json) {
        Args parts = new Args(json.getAsJsonObject());
        String name = parts.text("name");
        return parts.has("values")
                ? AttributeBuilder.build(name, Values.items(parts.required("values")))
                : AttributeBuilder.build(name);
    }

    static Set<Attribute> attributes(JsonArray json) {
        Set<Attribute> attributes = new HashSet<>();
        json.forEach(item -> attributes.add(attribute(item)));
        return attributes;
    }

    static JsonObject write(Attribute attribute) {
        JsonObject json = new JsonObject();
        json.addProperty("name", attribute.getName());
        json.add("values", attribute.getValue() == null ? JsonNull.INSTANCE : Values.items(attribute.getValue()));
        return json;
    }

    static JsonElement write(ConnectorObject object) {
        if (object == null) {
            return JsonNull.INSTANCE;
        }
        JsonObject json = new JsonObject();
        json.addProperty("objectClass", object.getObjectClass().getObjectClassValue());
        json.add("uid", write(object.getUid()));
        json.add("attributes", Values.sorted(object.getAttributes().stream().map(Objects::write).toList()));
        return json;
    }

    static JsonElement write(SearchResult result) {
        if (result == null) {
            return JsonNull.INSTANCE;
        }
        JsonObject json = new JsonObject();
        json.addProperty("cookie", result.getPagedResultsCookie());
        json.addProperty("remaining", result.getRemainingPagedResults());
        return json;
    }

    static SyncToken token(JsonElement json) {
        return json == null || json.isJsonNull() ? null : new SyncToken(Values.read(json));
    }

    static JsonElement write(SyncToken token) {
        return token == null ? JsonNull.INSTANCE : Values.write(token.getValue());
    }

    static JsonObject write(SyncDelta delta) {
        JsonObject json = new JsonObject();
        json.add("token", write(delta.getToken()));
        json.addProperty("type", delta.getDeltaType().name());
        ObjectClass objectClass = delta.getObjectClass();
        json.addProperty("objectClass", objectClass == null ? null : objectClass.getObjectClassValue());
        json.add("uid", write(delta.getUid()));
        json.add("previousUid", write(delta.getPreviousUid()));
        json.add("object", write(delta.getObject()));
        return json;
    }

    /** Options by name; absent is null, as a caller may pass it. */
    static OperationOptions options(Args args) {
        if (!args.has("options")) {
            return null;
        }
        Map<String, Object> options = new HashMap<>();
        args.object("options").json().entrySet().forEach(
                option -> options.put(option.getKey(), Values.read(option.getValue())));
        return new OperationOptions(options);
    }
}
