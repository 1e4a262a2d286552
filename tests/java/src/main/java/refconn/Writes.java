package refconn;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.BiConsumer;
import org.identityconnectors.framework.common.exceptions.InvalidAttributeValueException;
import org.identityconnectors.framework.common.exceptions.PreconditionFailedException;
import org.identityconnectors.framework.common.exceptions.PreconditionRequiredException;
import org.identityconnectors.framework.common.objects.Attribute;
import org.identityconnectors.framework.common.objects.AttributeUtil;
import org.identityconnectors.framework.common.objects.Name;
import org.identityconnectors.framework.common.objects.ObjectClass;
import org.identityconnectors.framework.common.objects.OperationOptions;
import org.identityconnectors.framework.common.objects.SyncDeltaType;
import org.identityconnectors.framework.common.objects.Uid;
import refconn.World.Stored;

/** Creating, changing and deleting objects. */
final class Writes {

    private final ReferenceConfiguration configuration;
    private final World world;

    Writes(ReferenceConfiguration configuration, World world) {
        this.configuration = configuration;
        this.world = world;
    }

    /** Keeps the description of a call for the script `lastCall`. */
    void record(String operation, ObjectClass objectClass, String who, String what, OperationOptions options) {
        String named = " class " + Describe.quoted(objectClass.getObjectClassValue());
        synchronized (world) {
            world.lastCall = operation + named + " " + who + " " + what + " " + Describe.options(options);
        }
    }

    Uid create(ObjectClass objectClass, Set<Attribute> attributes, OperationOptions options) {
        record("create", objectClass, "null", Describe.attributes(attributes), options);
        check(objectClass, attributes);
        Attribute named = AttributeUtil.find(Name.NAME, attributes);
        String name = name(named);
        synchronized (world) {
            world.refuseExisting(objectClass, name);
            String uid = objectClass.equals(ObjectClass.GROUP) ? name : world.nextUid();
            Stored object = new Stored(objectClass, uid, name);
            attributes.forEach(attribute -> replace(object, attribute));
            world.objects.add(object);
            world.enter(SyncDeltaType.CREATE, null, object);
            return Reads.uid(object, configuration);
        }
    }

    Uid update(ObjectClass objectClass, Uid uid, Set<Attribute> attributes, OperationOptions options) {
        return change("update", objectClass, uid, attributes, options, Writes::replace);
    }

    Uid addValues(ObjectClass objectClass, Uid uid, Set<Attribute> attributes, OperationOptions options) {
        return change("addAttributeValues", objectClass, uid, attributes, options, Writes::add);
    }

    Uid removeValues(ObjectClass objectClass, Uid uid, Set<Attribute> attributes, OperationOptions options) {
        return change("removeAttributeValues", objectClass, uid, attributes, options, Writes::remove);
    }

    void delete(ObjectClass objectClass, Uid uid, OperationOptions options) {
        record("delete", objectClass, Describe.uid(uid), "null", options);
        ReferenceSchema.checkClass(objectClass);
        synchronized (world) {
            int place = world.find(objectClass, uid.getUidValue());
            checkRevision(world.objects.get(place), uid);
            world.enter(SyncDeltaType.DELETE, null, world.objects.remove(place));
        }
    }

    private Uid change(
            String operation, ObjectClass objectClass, Uid uid, Set<Attribute> attributes, OperationOptions options,
            BiConsumer<Stored, Attribute> apply) {
        record(operation, objectClass, Describe.uid(uid), Describe.attributes(attributes), options);
        check(objectClass, attributes);
        if (AttributeUtil.find("notUpdateable", attributes) != null) {
            throw new InvalidAttributeValueException("Not updateable: notUpdateable");
        }
        synchronized (world) {
            int place = world.find(objectClass, uid.getUidValue());
            Stored object = world.objects.get(place).copy();
            checkRevision(object, uid);
            String oldUid = object.uid;
            String oldName = object.name;
            attributes.forEach(attribute -> apply.accept(object, attribute));
            if (!object.name.equals(oldName)) {
                world.refuseExisting(objectClass, object.name);
                if (objectClass.equals(ObjectClass.GROUP)) {
                    object.uid = object.name;
                }
            }
            object.writes++;
            world.objects.set(place, object);
            boolean moved = !object.uid.equals(oldUid);
            world.enter(
                    moved ? SyncDeltaType.CREATE_OR_UPDATE : SyncDeltaType.UPDATE, moved ? oldUid : null, object);
            return Reads.uid(object, configuration);
        }
    }

    private static void check(ObjectClass objectClass, Set<Attribute> attributes) {
        ReferenceSchema.checkClass(objectClass);
        // The first by name, so that both connectors name the same one.
        Set<String> names = new TreeSet<>(String.CASE_INSENSITIVE_ORDER);
        attributes.forEach(attribute -> names.add(attribute.getName()));
        names.forEach(name -> ReferenceSchema.checkAttribute(objectClass, name));
    }

    private void checkRevision(Stored object, Uid uid) {
        if (!configuration.getRevisions()) {
            return;
        }
        if (uid.getRevision() == null) {
            throw new PreconditionRequiredException("A revision is required.");
        }
        if (!uid.getRevision().equals(Integer.toString(object.writes))) {
            throw new PreconditionFailedException("The revision is " + object.writes + ".");
        }
    }

    private static String name(Attribute attribute) {
        if (attribute != null && attribute.getValue() != null && attribute.getValue().size() == 1
                && attribute.getValue().get(0) instanceof String name) {
            return name;
        }
        throw new InvalidAttributeValueException("The name is missing.");
    }

    private static void replace(Stored object, Attribute attribute) {
        if (attribute.is(Name.NAME)) {
            object.name = name(attribute);
        } else {
            set(object, attribute.getName(), attribute.getValue() == null ? List.of() : attribute.getValue());
        }
    }

    private static void add(Stored object, Attribute attribute) {
        List<Object> values = held(object, attribute);
        for (Object value : attribute.getValue()) {
            if (values.stream().noneMatch(held -> same(held, value))) {
                values.add(value);
            }
        }
        set(object, attribute.getName(), values);
    }

    private static void remove(Stored object, Attribute attribute) {
        List<Object> values = held(object, attribute);
        values.removeIf(held -> attribute.getValue().stream().anyMatch(value -> same(held, value)));
        set(object, attribute.getName(), values);
    }

    private static List<Object> held(Stored object, Attribute attribute) {
        return new ArrayList<>(object.attributes.getOrDefault(attribute.getName(), List.of()));
    }

    private static void set(Stored object, String name, List<Object> values) {
        if (values.isEmpty()) {
            object.attributes.remove(name);
        } else {
            object.attributes.put(name, values);
        }
    }

    private static boolean same(Object left, Object right) {
        return Describe.value(left).equals(Describe.value(right));
    }
}
