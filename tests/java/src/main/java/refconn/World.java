package refconn;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.identityconnectors.framework.common.exceptions.AlreadyExistsException;
import org.identityconnectors.framework.common.exceptions.UnknownUidException;
import org.identityconnectors.framework.common.objects.BatchResult;
import org.identityconnectors.framework.common.objects.ObjectClass;
import org.identityconnectors.framework.common.objects.SyncDeltaType;

/** Where the objects live: in memory, by the name of a world, for as long as the process does. */
final class World {

    private static final Map<String, World> WORLDS = new ConcurrentHashMap<>();

    final AtomicInteger opened = new AtomicInteger();
    final AtomicInteger disposed = new AtomicInteger();
    final AtomicInteger stopped = new AtomicInteger();

    /** All that follows is guarded by the world itself; it notifies when the journal grows. */
    final List<Stored> objects = new ArrayList<>();
    final List<Change> journal = new ArrayList<>();
    final Map<String, List<BatchResult>> batches = new HashMap<>();
    int batchesMade;
    String lastCall;
    private long numbers;

    /** An entry of the journal: the object after the change. */
    record Change(SyncDeltaType type, String previous, Stored object) {
    }

    private World(ReferenceConfiguration configuration) {
        for (int i = 0; i < configuration.getObjects(); i++) {
            Stored object = new Stored(ObjectClass.ACCOUNT, nextUid(), "user" + i);
            object.attributes.put("string", List.of("Surname " + i % 10));
            object.attributes.put("int", List.of(i % 100));
            object.attributes.put("strings", List.of("s" + i % 2, "s" + i % 3));
            object.attributes.put("boolean", List.of(i % 2 == 0));
            objects.add(object);
        }
    }

    static World of(ReferenceConfiguration configuration) {
        return WORLDS.computeIfAbsent(configuration.getWorld(), name -> new World(configuration));
    }

    synchronized String nextUid() {
        return Long.toString(++numbers);
    }

    synchronized int find(ObjectClass objectClass, String uid) {
        for (int i = 0; i < objects.size(); i++) {
            if (objects.get(i).objectClass.equals(objectClass) && objects.get(i).uid.equals(uid)) {
                return i;
            }
        }
        throw new UnknownUidException("No " + objectClass.getObjectClassValue() + " has the uid " + uid + ".");
    }

    synchronized Stored named(ObjectClass objectClass, String name) {
        return objects.stream()
                .filter(object -> object.objectClass.equals(objectClass) && object.name.equals(name))
                .findFirst()
                .orElse(null);
    }

    synchronized void refuseExisting(ObjectClass objectClass, String name) {
        if (named(objectClass, name) != null) {
            throw new AlreadyExistsException(objectClass.getObjectClassValue() + " " + name + " exists.");
        }
    }

    synchronized void enter(SyncDeltaType type, String previous, Stored object) {
        journal.add(new Change(type, previous, object.copy()));
        notifyAll();
    }

    /** An object as it is kept. Attribute names compare without case and keep the spelling of the first write. */
    static final class Stored {

        final ObjectClass objectClass;
        final Map<String, List<Object>> attributes = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        String uid;
        String name;
        int writes = 1;

        Stored(ObjectClass objectClass, String uid, String name) {
            this.objectClass = objectClass;
            this.uid = uid;
            this.name = name;
        }

        Stored copy() {
            Stored copy = new Stored(objectClass, uid, name);
            copy.attributes.putAll(new LinkedHashMap<>(attributes));
            copy.writes = writes;
            return copy;
        }
    }
}
