package refconn;

import java.io.File;
import java.lang.reflect.Array;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.net.URI;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.identityconnectors.common.script.Script;
import org.identityconnectors.common.security.GuardedByteArray;
import org.identityconnectors.common.security.GuardedString;
import org.identityconnectors.framework.common.objects.Attribute;
import org.identityconnectors.framework.common.objects.ObjectClass;
import org.identityconnectors.framework.common.objects.OperationOptions;
import org.identityconnectors.framework.common.objects.QualifiedUid;
import org.identityconnectors.framework.common.objects.SortKey;
import org.identityconnectors.framework.common.objects.Uid;

/** One text for each value, equal in Java and in Rust. It reveals secrets: they are a test's own. */
final class Describe {

    private Describe() {
    }

    static String value(Object value) {
        if (value == null) {
            return "null";
        } else if (value instanceof String text) {
            return quoted(text);
        } else if (value instanceof Boolean flag) {
            return flag.toString();
        } else if (value instanceof Character || value instanceof Number) {
            return number(value);
        } else if (value instanceof byte[] bytes) {
            return "bytes " + HexFormat.of().formatHex(bytes);
        } else if (value.getClass().isArray()) {
            return array(value);
        } else if (value instanceof GuardedString || value instanceof GuardedByteArray) {
            return secret(value);
        } else if (value instanceof Map<?, ?> map) {
            return map(map);
        } else if (value instanceof Set<?> set) {
            return "set [" + sorted(set.stream().map(Describe::value)) + "]";
        } else if (value instanceof Collection<?> items) {
            return list(items);
        }
        return object(value);
    }

    private static String number(Object value) {
        if (value instanceof Character c) {
            return "char " + quoted(c.toString());
        } else if (value instanceof Integer) {
            return "int " + value;
        } else if (value instanceof Long) {
            return "long " + value;
        } else if (value instanceof Byte) {
            return "byte " + value;
        } else if (value instanceof Float f) {
            return String.format("float %08x", Float.floatToIntBits(f));
        } else if (value instanceof Double d) {
            return String.format("double %016x", Double.doubleToLongBits(d));
        } else if (value instanceof BigInteger) {
            return "bigInteger " + value;
        } else if (value instanceof BigDecimal n) {
            return "bigDecimal " + n.unscaledValue() + " scale " + n.scale();
        }
        return value.getClass().getName();
    }

    private static String secret(Object value) {
        StringBuilder clear = new StringBuilder();
        if (value instanceof GuardedString text) {
            text.access(characters -> clear.append("secret ").append(quoted(new String(characters))));
        } else {
            ((GuardedByteArray) value).access(
                    bytes -> clear.append("secretBytes ").append(HexFormat.of().formatHex(bytes)));
        }
        return clear.toString();
    }

    private static String array(Object array) {
        List<Object> items = new ArrayList<>();
        for (int i = 0; i < Array.getLength(array); i++) {
            items.add(Array.get(array, i));
        }
        return "array of " + typeName(array.getClass().getComponentType()) + " " + list(items);
    }

    private static String typeName(Class<?> type) {
        return type == byte[].class ? "ByteArray" : type.getSimpleName();
    }

    /** Values of the framework's own types. */
    private static String object(Object value) {
        if (value instanceof URI) {
            return "uri " + quoted(value.toString());
        } else if (value instanceof File file) {
            return "file " + quoted(file.getPath());
        } else if (value instanceof Locale) {
            return "locale " + quoted(value.toString());
        } else if (value instanceof Script script) {
            return "script " + script.getScriptLanguage() + " " + quoted(script.getScriptText());
        } else if (value instanceof ObjectClass objectClass) {
            return "class " + quoted(objectClass.getObjectClassValue());
        } else if (value instanceof Uid uid) {
            return uid(uid);
        } else if (value instanceof QualifiedUid uid) {
            return "qualified class " + quoted(uid.getObjectClass().getObjectClassValue()) + " " + uid(uid.getUid());
        } else if (value instanceof SortKey key) {
            return "sort " + quoted(key.getField()) + (key.isAscendingOrder() ? " ascending" : " descending");
        } else if (value instanceof Enum<?> constant) {
            return quoted(constant.name());
        }
        return value.getClass().getName();
    }

    static String uid(Uid uid) {
        String revision = uid.getRevision() == null ? "" : " revision " + quoted(uid.getRevision());
        return "uid " + quoted(uid.getUidValue()) + revision;
    }

    static String attribute(Attribute attribute) {
        List<Object> values = attribute.getValue();
        return attribute.getName() + "=" + (values == null ? "null" : list(values));
    }

    static String attributes(Collection<Attribute> attributes) {
        return "{" + sorted(attributes.stream().map(Describe::attribute)) + "}";
    }

    static String options(OperationOptions options) {
        return map(options.getOptions());
    }

    private static String map(Map<?, ?> map) {
        boolean anyCase = map instanceof SortedMap<?, ?> sorted && sorted.comparator() != null;
        Stream<String> entries =
                map.entrySet().stream().map(entry -> value(entry.getKey()) + ": " + value(entry.getValue()));
        return (anyCase ? "anycase {" : "{") + sorted(entries) + "}";
    }

    private static String list(Collection<?> items) {
        return items.stream().map(Describe::value).collect(Collectors.joining(", ", "[", "]"));
    }

    private static String sorted(Stream<String> items) {
        return items.sorted().collect(Collectors.joining(", "));
    }

    static String quoted(String text) {
        StringBuilder quoted = new StringBuilder("\"");
        for (char c : text.toCharArray()) {
            if (c == '"' || c == '\\') {
                quoted.append('\\').append(c);
            } else if (c < ' ') {
                quoted.append(String.format("\\u%04x", (int) c));
            } else {
                quoted.append(c);
            }
        }
        return quoted.append('"').toString();
    }
}
