package driver;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import java.io.File;
import java.lang.reflect.Array;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.net.URI;
import java.time.ZonedDateTime;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import org.identityconnectors.common.CollectionUtil;
import org.identityconnectors.common.script.Script;
import org.identityconnectors.common.script.ScriptBuilder;
import org.identityconnectors.common.security.GuardedByteArray;
import org.identityconnectors.common.security.GuardedString;
import org.identityconnectors.common.security.SecurityUtil;
import org.identityconnectors.framework.common.objects.Attribute;
import org.identityconnectors.framework.common.objects.ConnectorObject;
import org.identityconnectors.framework.common.objects.ObjectClass;
import org.identityconnectors.framework.common.objects.QualifiedUid;
import org.identityconnectors.framework.common.objects.SortKey;
import org.identityconnectors.framework.common.objects.Uid;

/**
 * Java values as JSON and back, with no type lost. Null, strings and booleans stand for themselves; every other value
 * is an object of one member that names its type, e.g. `{"long":5}`, `{"bytes":"AQI="}`, `{"map":[["key",{"int":1}]]}`.
 * Big numbers and floats are texts, so that no JSON library rounds them.
 */
final class Values {

    private Values() {
    }

    static Object read(JsonElement json) {
        if (json == null || json.isJsonNull()) {
            return null;
        }
        if (json.isJsonPrimitive() && json.getAsJsonPrimitive().isString()) {
            return json.getAsString();
        }
        if (json.isJsonPrimitive() && json.getAsJsonPrimitive().isBoolean()) {
            return json.getAsBoolean();
        }
        if (json.isJsonObject() && json.getAsJsonObject().size() == 1) {
            Map.Entry<String, JsonElement> member = json.getAsJsonObject().entrySet().iterator().next();
            return read(member.getKey(), member.getValue());
        }
        throw new IllegalArgumentException("not a value: " + json);
    }

    private static Object read(String type, JsonElement of) {
        return switch (type) {
            case "char" -> character(of.getAsString());
            case "byte" -> of.getAsByte();
            case "int" -> of.getAsInt();
            case "long" -> of.getAsLong();
            case "float" -> Float.valueOf(of.getAsString());
            case "double" -> Double.valueOf(of.getAsString());
            case "bigInteger" -> new BigInteger(of.getAsString());
            case "bigDecimal" -> new BigDecimal(of.getAsString());
            case "bytes" -> Base64.getDecoder().decode(of.getAsString());
            case "guardedString" -> new GuardedString(of.getAsString().toCharArray());
            case "guardedBytes" -> new GuardedByteArray(Base64.getDecoder().decode(of.getAsString()));
            case "list" -> new ArrayList<>(items(of));
            case "set" -> new HashSet<>(items(of));
            case "map" -> entries(of, new HashMap<>());
            case "caseInsensitiveMap" -> {
                Map<String, Object> map = CollectionUtil.newCaseInsensitiveMap();
                entries(of, new HashMap<>()).forEach((key, value) -> map.put((String) key, value));
                yield map;
            }
            case "array" -> array(of.getAsJsonObject());
            case "file" -> new File(of.getAsString());
            case "uri" -> URI.create(of.getAsString());
            case "script" -> new ScriptBuilder()
                    .setScriptLanguage(of.getAsJsonObject().get("language").getAsString())
                    .setScriptText(of.getAsJsonObject().get("text").getAsString())
                    .build();
            case "uid" -> Objects.uid(of);
            case "objectClass" -> new ObjectClass(of.getAsString());
            case "qualifiedUid" -> new QualifiedUid(
                    new ObjectClass(of.getAsJsonObject().get("objectClass").getAsString()),
                    Objects.uid(of.getAsJsonObject().get("uid")));
            case "sortKey" -> new SortKey(
                    of.getAsJsonObject().get("field").getAsString(),
                    of.getAsJsonObject().get("ascending").getAsBoolean());
            case "reference" -> Newer.reference(of.getAsString());
            case "zonedDateTime" -> ZonedDateTime.parse(of.getAsString());
            default -> throw new IllegalArgumentException("no value type is called '" + type + "'");
        };
    }

    static JsonElement write(Object value) {
        if (value == null) {
            return JsonNull.INSTANCE;
        }
        if (value instanceof String text) {
            return new JsonPrimitive(text);
        }
        if (value instanceof Boolean flag) {
            return new JsonPrimitive(flag);
        }
        if (value.getClass().isArray() && !(value instanceof byte[])) {
            return one("array", array(value));
        }
        if (value instanceof Byte || value instanceof Integer || value instanceof Long) {
            String type = value instanceof Byte ? "byte" : value instanceof Integer ? "int" : "long";
            return one(type, new JsonPrimitive((Number) value));
        }
        return text(value) instanceof JsonObject json ? json : structure(value);
    }

    /** Values whose JSON form is a text. */
    private static JsonElement text(Object value) {
        String type;
        String text;
        if (value instanceof Character || value instanceof Float || value instanceof Double) {
            type = value instanceof Character ? "char" : value instanceof Float ? "float" : "double";
            text = value.toString();
        } else if (value instanceof BigInteger || value instanceof BigDecimal) {
            type = value instanceof BigInteger ? "bigInteger" : "bigDecimal";
            text = value.toString();
        } else if (value instanceof byte[] bytes) {
            type = "bytes";
            text = Base64.getEncoder().encodeToString(bytes);
        } else if (value instanceof GuardedString secret) {
            type = "guardedString";
            text = SecurityUtil.decrypt(secret);
        } else if (value instanceof GuardedByteArray secret) {
            type = "guardedBytes";
            // SecurityUtil.decrypt gives bytes that have been cleared already.
            StringBuilder clear = new StringBuilder();
            secret.access(bytes -> clear.append(Base64.getEncoder().encodeToString(bytes)));
            text = clear.toString();
        } else if (value instanceof File || value instanceof URI) {
            type = value instanceof File ? "file" : "uri";
            text = value.toString();
        } else if (value instanceof ObjectClass objectClass) {
            type = "objectClass";
            text = objectClass.getObjectClassValue();
        } else if (value instanceof ZonedDateTime time) {
            type = "zonedDateTime";
            text = time.toString();
        } else {
            return JsonNull.INSTANCE;
        }
        return one(type, new JsonPrimitive(text));
    }

    /** Values that are made of others. */
    private static JsonElement structure(Object value) {
        JsonObject parts = new JsonObject();
        if (value instanceof Map<?, ?> map) {
            boolean anyCase = map instanceof SortedMap<?, ?> sorted && sorted.comparator() != null;
            return one(anyCase ? "caseInsensitiveMap" : "map", entries(map));
        } else if (value instanceof Set<?> set) {
            return one("set", sorted(set.stream().map(Values::write).toList()));
        } else if (value instanceof List<?> list) {
            return one("list", items(list));
        } else if (value instanceof Script script) {
            parts.addProperty("language", script.getScriptLanguage());
            parts.addProperty("text", script.getScriptText());
            return one("script", parts);
        } else if (value instanceof Uid uid) {
            return one("uid", Objects.write(uid));
        } else if (value instanceof Attribute attribute) {
            return one("attribute", Objects.write(attribute));
        } else if (value instanceof ConnectorObject object) {
            return one("object", Objects.write(object));
        } else if (value instanceof QualifiedUid uid) {
            parts.addProperty("objectClass", uid.getObjectClass().getObjectClassValue());
            parts.add("uid", Objects.write(uid.getUid()));
            return one("qualifiedUid", parts);
        } else if (value instanceof SortKey key) {
            parts.addProperty("field", key.getField());
            parts.addProperty("ascending", key.isAscendingOrder());
            return one("sortKey", parts);
        }
        parts.addProperty("class", value.getClass().getName());
        parts.addProperty("text", value.toString());
        return one("other", parts);
    }

    /** The name that a type of the object model has here, e.g. of a property or a schema attribute. */
    static String typeName(Class<?> type) {
        return type.isArray() ? typeName(type.getComponentType()) + "[]" : type.getName();
    }

    static JsonArray items(Iterable<?> values) {
        JsonArray items = new JsonArray();
        values.forEach(value -> items.add(write(value)));
        return items;
    }

    static List<Object> items(JsonElement json) {
        List<Object> items = new ArrayList<>();
        json.getAsJsonArray().forEach(item -> items.add(read(item)));
        return items;
    }

    /** Elements of something unordered, in the order of their text, so that equal sets print equally. */
    static JsonArray sorted(List<? extends JsonElement> elements) {
        JsonArray sorted = new JsonArray();
        elements.stream().sorted(Comparator.comparing(JsonElement::toString)).forEach(sorted::add);
        return sorted;
    }

    private static char character(String text) {
        if (text.length() != 1) {
            throw new IllegalArgumentException("a char is one UTF-16 unit, not '" + text + "'");
        }
        return text.charAt(0);
    }

    private static Map<Object, Object> entries(JsonElement json, Map<Object, Object> into) {
        for (JsonElement entry : json.getAsJsonArray()) {
            into.put(read(entry.getAsJsonArray().get(0)), read(entry.getAsJsonArray().get(1)));
        }
        return into;
    }

    private static JsonArray entries(Map<?, ?> map) {
        List<JsonArray> entries = new ArrayList<>();
        map.forEach((key, value) -> {
            JsonArray entry = new JsonArray();
            entry.add(write(key));
            entry.add(write(value));
            entries.add(entry);
        });
        return sorted(entries);
    }

    private static Object array(JsonObject json) {
        List<Object> items = items(json.get("items"));
        Object array = Array.newInstance(elementType(json.get("of").getAsString()), items.size());
        for (int i = 0; i < items.size(); i++) {
            Array.set(array, i, items.get(i));
        }
        return array;
    }

    private static JsonObject array(Object array) {
        JsonArray items = new JsonArray();
        for (int i = 0; i < Array.getLength(array); i++) {
            items.add(write(Array.get(array, i)));
        }
        JsonObject json = new JsonObject();
        json.addProperty("of", typeName(array.getClass().getComponentType()));
        json.add("items", items);
        return json;
    }

    private static Class<?> elementType(String name) {
        for (Class<?> primitive : List.of(
                boolean.class, char.class, int.class, long.class, float.class, double.class)) {
            if (primitive.getName().equals(name)) {
                return primitive;
            }
        }
        try {
            return Class.forName(name);
        } catch (ClassNotFoundException e) {
            throw new IllegalArgumentException("no class is called '" + name + "'", e);
        }
    }

    private static JsonObject one(String type, JsonElement of) {
        JsonObject json = new JsonObject();
        json.add(type, of);
        return json;
    }
}
