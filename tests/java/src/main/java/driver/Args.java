package driver;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import org.identityconnectors.common.security.GuardedString;
import org.identityconnectors.framework.api.ConnectorKey;
import org.identityconnectors.framework.common.objects.ObjectClass;

/** The members of one command. A member that is JSON null counts as absent. */
record Args(JsonObject json) {

    boolean has(String name) {
        return json.has(name) && !json.get(name).isJsonNull();
    }

    JsonElement required(String name) {
        if (!has(name)) {
            throw new IllegalArgumentException("the command lacks its member '" + name + "'");
        }
        return json.get(name);
    }

    String text(String name) {
        return required(name).getAsString();
    }

    String text(String name, String absent) {
        return has(name) ? text(name) : absent;
    }

    GuardedString secret(String name) {
        return new GuardedString(text(name).toCharArray());
    }

    int number(String name) {
        return required(name).getAsInt();
    }

    int number(String name, int absent) {
        return has(name) ? number(name) : absent;
    }

    boolean flag(String name) {
        return has(name) && required(name).getAsBoolean();
    }

    Args object(String name) {
        return new Args(has(name) ? required(name).getAsJsonObject() : new JsonObject());
    }

    JsonArray array(String name) {
        return has(name) ? required(name).getAsJsonArray() : new JsonArray();
    }

    ObjectClass objectClass() {
        return has("objectClass") ? new ObjectClass(text("objectClass")) : null;
    }

    ConnectorKey connectorKey() {
        Args key = new Args(required("connectorKey").getAsJsonObject());
        return new ConnectorKey(key.text("bundleName"), key.text("bundleVersion"), key.text("connectorName"));
    }
}
