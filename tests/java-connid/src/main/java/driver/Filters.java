package driver;

import static org.identityconnectors.framework.common.objects.filter.FilterBuilder.and;
import static org.identityconnectors.framework.common.objects.filter.FilterBuilder.contains;
import static org.identityconnectors.framework.common.objects.filter.FilterBuilder.containsAllValues;
import static org.identityconnectors.framework.common.objects.filter.FilterBuilder.endsWith;
import static org.identityconnectors.framework.common.objects.filter.FilterBuilder.equalTo;
import static org.identityconnectors.framework.common.objects.filter.FilterBuilder.greaterThan;
import static org.identityconnectors.framework.common.objects.filter.FilterBuilder.greaterThanOrEqualTo;
import static org.identityconnectors.framework.common.objects.filter.FilterBuilder.lessThan;
import static org.identityconnectors.framework.common.objects.filter.FilterBuilder.lessThanOrEqualTo;
import static org.identityconnectors.framework.common.objects.filter.FilterBuilder.not;
import static org.identityconnectors.framework.common.objects.filter.FilterBuilder.or;
import static org.identityconnectors.framework.common.objects.filter.FilterBuilder.startsWith;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.util.ArrayList;
import java.util.List;
import org.identityconnectors.framework.common.objects.filter.Filter;

/**
 * A filter tree from JSON: an object of one member that names the filter, with an attribute
 * (`{"equals":{"name":"sn","values":["a"]}}`), a filter (`not`), or a list of filters (`and`, `or`).
 */
final class Filters {

    private Filters() {
    }

    static Filter read(JsonElement json) {
        if (json == null || json.isJsonNull()) {
            return null;
        }
        JsonObject filter = json.getAsJsonObject();
        if (filter.size() != 1) {
            throw new IllegalArgumentException("a filter has one member, its kind: " + json);
        }
        String kind = filter.keySet().iterator().next();
        JsonElement of = filter.get(kind);
        return switch (kind) {
            case "equals" -> equalTo(Objects.attribute(of));
            case "contains" -> contains(Objects.attribute(of));
            case "startsWith" -> startsWith(Objects.attribute(of));
            case "endsWith" -> endsWith(Objects.attribute(of));
            case "greaterThan" -> greaterThan(Objects.attribute(of));
            case "greaterThanOrEqual" -> greaterThanOrEqualTo(Objects.attribute(of));
            case "lessThan" -> lessThan(Objects.attribute(of));
            case "lessThanOrEqual" -> lessThanOrEqualTo(Objects.attribute(of));
            case "containsAllValues" -> containsAllValues(Objects.attribute(of));
            case "equalsIgnoreCase" -> Newer.equalsIgnoreCase(Objects.attribute(of));
            case "not" -> not(read(of));
            case "and" -> and(list(of.getAsJsonArray()));
            case "or" -> or(list(of.getAsJsonArray()));
            default -> throw new IllegalArgumentException("no filter is called '" + kind + "'");
        };
    }

    private static List<Filter> list(JsonArray json) {
        List<Filter> filters = new ArrayList<>();
        json.forEach(item -> filters.add(read(item)));
        return filters;
    }
}
