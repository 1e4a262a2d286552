package refconn;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.identityconnectors.common.security.GuardedByteArray;
import org.identityconnectors.common.security.GuardedString;
import org.identityconnectors.framework.common.exceptions.InvalidAttributeValueException;
import org.identityconnectors.framework.common.objects.AttributeInfo;
import org.identityconnectors.framework.common.objects.AttributeInfo.Flags;
import org.identityconnectors.framework.common.objects.AttributeInfoBuilder;
import org.identityconnectors.framework.common.objects.Name;
import org.identityconnectors.framework.common.objects.ObjectClass;
import org.identityconnectors.framework.common.objects.ObjectClassInfo;
import org.identityconnectors.framework.common.objects.ObjectClassInfoBuilder;
import org.identityconnectors.framework.common.objects.OperationOptionInfo;
import org.identityconnectors.framework.common.objects.OperationalAttributes;
import org.identityconnectors.framework.common.objects.Schema;
import org.identityconnectors.framework.common.objects.SchemaBuilder;
import org.identityconnectors.framework.spi.operations.CreateOp;
import org.identityconnectors.framework.spi.operations.DeleteOp;
import org.identityconnectors.framework.spi.operations.SPIOperation;
import org.identityconnectors.framework.spi.operations.SearchOp;
import org.identityconnectors.framework.spi.operations.SyncOp;
import org.identityconnectors.framework.spi.operations.UpdateOp;

/** What the connector says of its objects: an attribute of every type and with every flag. */
final class ReferenceSchema {

    private static final ObjectClass ORGANIZATION = new ObjectClass("organization");

    private static final Map<String, Class<?>> SINGLE = new LinkedHashMap<>();
    private static final Map<String, Set<Flags>> FLAGGED = new LinkedHashMap<>();

    static {
        SINGLE.put("string", String.class);
        SINGLE.put("character", Character.class);
        SINGLE.put("primitiveCharacter", char.class);
        SINGLE.put("int", Integer.class);
        SINGLE.put("primitiveInt", int.class);
        SINGLE.put("long", Long.class);
        SINGLE.put("primitiveLong", long.class);
        SINGLE.put("float", Float.class);
        SINGLE.put("primitiveFloat", float.class);
        SINGLE.put("double", Double.class);
        SINGLE.put("primitiveDouble", double.class);
        SINGLE.put("boolean", Boolean.class);
        SINGLE.put("primitiveBoolean", boolean.class);
        SINGLE.put("byte", Byte.class);
        SINGLE.put("primitiveByte", byte.class);
        SINGLE.put("bytes", byte[].class);
        SINGLE.put("bigInteger", BigInteger.class);
        SINGLE.put("bigDecimal", BigDecimal.class);
        SINGLE.put("guardedString", GuardedString.class);
        SINGLE.put("guardedBytes", GuardedByteArray.class);
        SINGLE.put("map", Map.class);

        FLAGGED.put("required", EnumSet.of(Flags.REQUIRED));
        FLAGGED.put("strings", EnumSet.of(Flags.MULTIVALUED));
        FLAGGED.put("notCreatable", EnumSet.of(Flags.NOT_CREATABLE));
        FLAGGED.put("notUpdateable", EnumSet.of(Flags.NOT_UPDATEABLE));
        FLAGGED.put("notReadable", EnumSet.of(Flags.NOT_READABLE, Flags.NOT_RETURNED_BY_DEFAULT));
        FLAGGED.put("hidden", EnumSet.of(Flags.NOT_RETURNED_BY_DEFAULT));
    }

    private ReferenceSchema() {
    }

    static Schema build() {
        SchemaBuilder schema = new SchemaBuilder(ReferenceConnector.class);
        schema.defineObjectClass(account());
        define(schema, group(), List.of(CreateOp.class, UpdateOp.class, DeleteOp.class, SearchOp.class, SyncOp.class));
        define(schema, organization(), List.of(SearchOp.class, SyncOp.class));
        for (String name : List.of("delayMillis", "throwAfter", "textLength")) {
            schema.defineOperationOption(new OperationOptionInfo(name, Integer.class));
        }
        for (String name : List.of("null", "describe", "later")) {
            schema.defineOperationOption(new OperationOptionInfo(name, Boolean.class));
        }
        schema.defineOperationOption(new OperationOptionInfo("throw", String.class));
        schema.defineOperationOption(
                new OperationOptionInfo("generate", Integer.class), SearchOp.class, SyncOp.class);
        return schema.build();
    }

    @SuppressWarnings("unchecked")
    private static void define(
            SchemaBuilder schema, ObjectClassInfo info, List<Class<? extends SPIOperation>> operations) {
        schema.defineObjectClass(info, operations.toArray(new Class[0]));
    }

    private static ObjectClassInfo account() {
        ObjectClassInfoBuilder account = new ObjectClassInfoBuilder();
        SINGLE.forEach((name, type) -> account.addAttributeInfo(AttributeInfoBuilder.build(name, type)));
        FLAGGED.forEach((name, flags) -> account.addAttributeInfo(
                AttributeInfoBuilder.build(name, String.class, flags)));
        account.addAttributeInfo(AttributeInfoBuilder.build(
                OperationalAttributes.PASSWORD_NAME, GuardedString.class, FLAGGED.get("notReadable")));
        account.addAttributeInfo(
                AttributeInfoBuilder.build(OperationalAttributes.PASSWORD_EXPIRED_NAME, boolean.class));
        account.addAttributeInfo(AttributeInfoBuilder.build(OperationalAttributes.ENABLE_NAME, boolean.class));
        return account.build();
    }

    private static ObjectClassInfo group() {
        ObjectClassInfoBuilder group = new ObjectClassInfoBuilder();
        group.setType(ObjectClass.GROUP_NAME);
        group.addAttributeInfo(AttributeInfoBuilder.build("members", String.class, FLAGGED.get("strings")));
        return group.build();
    }

    private static ObjectClassInfo organization() {
        ObjectClassInfoBuilder organization = new ObjectClassInfoBuilder();
        organization.setType(ORGANIZATION.getObjectClassValue());
        organization.setContainer(true);
        organization.addAttributeInfo(AttributeInfoBuilder.build("string", String.class));
        return organization.build();
    }

    static void checkClass(ObjectClass objectClass) {
        if (!List.of(ObjectClass.ACCOUNT, ObjectClass.GROUP, ORGANIZATION).contains(objectClass)) {
            throw new IllegalArgumentException("Unknown object class: " + objectClass.getObjectClassValue());
        }
    }

    /** The same for operations that know `__ALL__`. */
    static void checkClassOrAll(ObjectClass objectClass) {
        if (!objectClass.equals(ObjectClass.ALL)) {
            checkClass(objectClass);
        }
    }

    static void checkAttribute(ObjectClass objectClass, String name) {
        ObjectClassInfo info = objectClass.equals(ObjectClass.ACCOUNT) ? account()
                : objectClass.equals(ObjectClass.GROUP) ? group() : organization();
        for (AttributeInfo attribute : info.getAttributeInfo()) {
            if (attribute.is(name) || Name.NAME.equalsIgnoreCase(name)) {
                return;
            }
        }
        throw new InvalidAttributeValueException("Unknown attribute: " + name);
    }
}
