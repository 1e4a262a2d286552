package driver;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.identityconnectors.framework.api.operations.APIOperation;
import org.identityconnectors.framework.common.objects.AttributeInfo;
import org.identityconnectors.framework.common.objects.ObjectClassInfo;
import org.identityconnectors.framework.common.objects.OperationOptionInfo;
import org.identityconnectors.framework.common.objects.Schema;

/** A schema as JSON. What is a set there is a list sorted by its text here. */
final class Schemas {

    private Schemas() {
    }

    static JsonElement write(Schema schema) {
        if (schema == null) {
            return JsonNull.INSTANCE;
        }
        JsonObject json = new JsonObject();
        json.add("objectClasses", Values.sorted(schema.getObjectClassInfo().stream().map(Schemas::write).toList()));
        json.add("options", Values.sorted(schema.getOperationOptionInfo().stream().map(Schemas::write).toList()));
        json.add("objectClassesByOperation",
                byOperation(schema.getSupportedObjectClassesByOperation(), ObjectClassInfo::getType));
        json.add("optionsByOperation",
                byOperation(schema.getSupportedOptionsByOperation(), OperationOptionInfo::getName));
        return json;
    }

    /** Operations by their simple names, e.g. `SearchApiOp`. */
    static JsonArray operations(Collection<Class<? extends APIOperation>> operations) {
        JsonArray names = new JsonArray();
        operations.stream().map(Class::getSimpleName).sorted().forEach(names::add);
        return names;
    }

    private static JsonObject write(ObjectClassInfo info) {
        JsonObject json = new JsonObject();
        json.addProperty("type", info.getType());
        json.addProperty("container", info.isContainer());
        json.add("attributes", Values.sorted(info.getAttributeInfo().stream().map(Schemas::write).toList()));
        return json;
    }

    private static JsonObject write(AttributeInfo info) {
        JsonObject json = new JsonObject();
        json.addProperty("name", info.getName());
        json.addProperty("type", Values.typeName(info.getType()));
        JsonArray flags = new JsonArray();
        info.getFlags().stream().map(Enum::name).sorted().forEach(flags::add);
        json.add("flags", flags);
        return json;
    }

    private static JsonObject write(OperationOptionInfo info) {
        JsonObject json = new JsonObject();
        json.addProperty("name", info.getName());
        json.addProperty("type", Values.typeName(info.getType()));
        return json;
    }

    private static <T> JsonObject byOperation(
            Map<Class<? extends APIOperation>, Set<T>> map, Function<T, String> name) {
        JsonObject json = new JsonObject();
        List<Class<? extends APIOperation>> operations = new ArrayList<>(map.keySet());
        operations.sort(Comparator.comparing(Class::getSimpleName));
        for (Class<? extends APIOperation> operation : operations) {
            JsonArray names = new JsonArray();
            map.get(operation).stream().map(name).sorted().forEach(names::add);
            json.add(operation.getSimpleName(), names);
        }
        return json;
    }
}
