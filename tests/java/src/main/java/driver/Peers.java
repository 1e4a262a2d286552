package driver;

import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/** The peers that commands opened, by the names that their answers gave. */
final class Peers {

    private final Map<String, Peer> open = new ConcurrentHashMap<>();
    private final AtomicInteger names = new AtomicInteger();

    JsonObject add(Peer peer) {
        String name = "p" + names.incrementAndGet();
        open.put(name, peer);
        JsonObject answer = peer.state();
        answer.addProperty("peer", name);
        return answer;
    }

    Peer get(String name) {
        Peer peer = open.get(name);
        if (peer == null) {
            throw new IllegalArgumentException("no peer is called '" + name + "'");
        }
        return peer;
    }

    JsonElement close(String name) throws Exception {
        Peer peer = get(name);
        open.remove(name);
        peer.close();
        return JsonNull.INSTANCE;
    }
}
