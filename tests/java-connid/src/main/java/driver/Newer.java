package driver;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.identityconnectors.framework.api.ConnectorFacade;
import org.identityconnectors.framework.common.objects.Attribute;
import org.identityconnectors.framework.common.objects.AttributeDelta;
import org.identityconnectors.framework.common.objects.AttributeDeltaBuilder;
import org.identityconnectors.framework.common.objects.ConnectorObjectIdentification;
import org.identityconnectors.framework.common.objects.ConnectorObjectReference;
import org.identityconnectors.framework.common.objects.Name;
import org.identityconnectors.framework.common.objects.ObjectClass;
import org.identityconnectors.framework.common.objects.OperationOptions;
import org.identityconnectors.framework.common.objects.Uid;
import org.identityconnectors.framework.common.objects.filter.Filter;
import org.identityconnectors.framework.common.objects.filter.FilterBuilder;

/** What only newer releases of ConnId have: apart, so that older ones never load it. */
final class Newer {

    private Newer() {
    }

    static Filter equalsIgnoreCase(Attribute attribute) {
        return FilterBuilder.equalsIgnoreCase(attribute);
    }

    /** `deltas`: a list of `{"name":"...","add":[...],"remove":[...]}` or with `replace`. */
    static JsonElement updateDelta(ConnectorFacade facade, Args args, OperationOptions options) {
        Set<AttributeDelta> deltas = new HashSet<>();
        for (JsonElement json : args.array("deltas")) {
            Args delta = new Args(json.getAsJsonObject());
            AttributeDeltaBuilder builder = new AttributeDeltaBuilder().setName(delta.text("name"));
            if (delta.has("replace")) {
                builder.addValueToReplace(Values.items(delta.required("replace")));
            } else {
                builder.addValueToAdd(values(delta, "add"));
                builder.addValueToRemove(values(delta, "remove"));
            }
            deltas.add(builder.build());
        }
        Uid uid = args.has("nameHint")
                ? new Uid(args.text("uid"), new Name(args.text("nameHint")))
                : Objects.uid(args.json().get("uid"));
        JsonArray effects = new JsonArray();
        for (AttributeDelta effect : facade.updateDelta(args.objectClass(), uid, deltas, options)) {
            JsonObject json = new JsonObject();
            json.addProperty("name", effect.getName());
            json.add("replace", effect.getValuesToReplace() == null ? null : Values.items(effect.getValuesToReplace()));
            effects.add(json);
        }
        return effects;
    }

    private static List<Object> values(Args delta, String member) {
        return delta.has(member) ? Values.items(delta.required(member)) : List.of();
    }

    static JsonElement liveSync(ConnectorFacade facade, ObjectClass objectClass, OperationOptions options) {
        facade.livesync(objectClass, delta -> true, options);
        return null;
    }

    /** A value that refers to an object by its name. */
    static Object reference(String name) {
        Set<Attribute> identity = new HashSet<>();
        identity.add(new Name(name));
        return new ConnectorObjectReference(new ConnectorObjectIdentification(ObjectClass.ACCOUNT, identity));
    }
}
