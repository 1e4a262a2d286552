package driver;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.BufferedReader;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.identityconnectors.common.l10n.CurrentLocale;

/**
 * Reads one command a line, `{"id":1,"do":"connect",...}`, and answers each with one line, `{"id":1,"ok":...}` or
 * `{"id":1,"error":...}`. Commands run side by side, so answers may overtake each other; between command and answer
 * there may be `{"id":1,"event":...}` lines. The program ends when its input ends.
 */
public final class Driver {

    private static final Gson GSON = new GsonBuilder().serializeNulls().disableHtmlEscaping().create();

    private final PrintStream out;
    private final Remote remote = new Remote();
    private final ExecutorService workers = Executors.newCachedThreadPool();

    private Driver(PrintStream out) {
        this.out = out;
    }

    public static void main(String[] args) throws Exception {
        PrintStream protocol = new PrintStream(new FileOutputStream(FileDescriptor.out), false, StandardCharsets.UTF_8);
        System.setOut(System.err);
        System.setProperty("org.identityconnectors.common.logging.class", Quiet.class.getName());
        try {
            new Driver(protocol).run(new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8)));
        } finally {
            // The framework keeps threads that are no daemons.
            System.exit(0);
        }
    }

    private void run(BufferedReader commands) throws Exception {
        for (String line = commands.readLine(); line != null; line = commands.readLine()) {
            JsonObject command = JsonParser.parseString(line).getAsJsonObject();
            workers.execute(() -> answer(command));
        }
    }

    private void answer(JsonObject command) {
        JsonObject answer = new JsonObject();
        answer.add("id", command.get("id"));
        try {
            answer.add("ok", execute(new Args(command), event -> {
                event.add("id", command.get("id"));
                write(event);
            }));
        } catch (Interrupted e) {
            answer.add("error", Failures.write(e.getCause()));
            answer.add("seen", e.seen());
        } catch (Throwable e) {
            answer.add("error", Failures.write(e));
        }
        write(answer);
    }

    private JsonElement execute(Args args, Events events) throws Exception {
        String verb = args.text("do");
        return switch (verb) {
            case "connect" -> remote.connect(args);
            case "close" -> remote.close(args);
            case "connectors" -> connectors(args);
            case "operate" -> new Operations(remote, args, events).run();
            default -> throw new IllegalArgumentException("no command is called '" + verb + "'");
        };
    }

    private JsonElement connectors(Args args) {
        CurrentLocale.set(Remote.locale(args));
        try {
            return remote.list(args);
        } finally {
            CurrentLocale.clear();
        }
    }

    private void write(JsonObject line) {
        synchronized (out) {
            out.append(GSON.toJson(line)).append('\n').flush();
        }
    }
}
