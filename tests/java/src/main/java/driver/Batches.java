package driver;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import java.util.List;
import java.util.Set;
import org.identityconnectors.framework.api.ConnectorFacade;
import org.identityconnectors.framework.api.operations.batch.BatchBuilder;
import org.identityconnectors.framework.api.operations.batch.BatchEmptyResult;
import org.identityconnectors.framework.api.operations.batch.BatchTask;
import org.identityconnectors.framework.common.objects.Attribute;
import org.identityconnectors.framework.common.objects.BatchResult;
import org.identityconnectors.framework.common.objects.BatchToken;
import org.identityconnectors.framework.common.objects.ObjectClass;
import org.identityconnectors.framework.common.objects.OperationOptions;
import org.identityconnectors.framework.common.objects.Subscription;
import org.identityconnectors.framework.common.objects.Uid;

/** Batches: `tasks` as the arguments of single operations, or the `tokens` of a batch to ask about. */
final class Batches {

    private Batches() {
    }

    static JsonElement execute(ConnectorFacade facade, Args args, OperationOptions options, Events events)
            throws Exception {
        BatchBuilder tasks = new BatchBuilder();
        args.array("tasks").forEach(task -> add(tasks, new Args(task.getAsJsonObject())));
        @SuppressWarnings("rawtypes")
        List<BatchTask> built = tasks.build();
        return run(args, events, observed -> facade.executeBatch(built, observed, options));
    }

    static JsonElement query(ConnectorFacade facade, Args args, OperationOptions options, Events events)
            throws Exception {
        BatchToken token = new BatchToken();
        args.array("tokens").forEach(text -> token.addToken(text.getAsString()));
        return run(args, events, observed -> facade.queryBatch(token, observed, options));
    }

    private interface Start {
        Subscription with(Observed<BatchResult> observed);
    }

    private static JsonElement run(Args args, Events events, Start start) throws Exception {
        Observed<BatchResult> observed = new Observed<>(args, events, Batches::write);
        Subscription[] subscription = new Subscription[1];
        JsonObject answer = observed.collect(() -> subscription[0] = start.with(observed));
        answer.add("token", write((BatchToken) subscription[0].getReturnValue()));
        return answer;
    }

    private static void add(BatchBuilder tasks, Args task) {
        ObjectClass objectClass = task.objectClass();
        Uid uid = Objects.uid(task.json().get("uid"));
        Set<Attribute> attributes = Objects.attributes(task.array("attributes"));
        OperationOptions options = Objects.options(task);
        switch (task.text("op")) {
            case "create" -> tasks.addCreateOp(objectClass, attributes, options);
            case "delete" -> tasks.addDeleteOp(objectClass, uid, options);
            case "update" -> tasks.addUpdateReplaceOp(objectClass, uid, attributes, options);
            case "addValues" -> tasks.addUpdateAddOp(objectClass, uid, attributes, options);
            case "removeValues" -> tasks.addUpdateRemoveOp(objectClass, uid, attributes, options);
            default -> throw new IllegalArgumentException("no task is called '" + task.text("op") + "'");
        }
    }

    private static JsonObject write(BatchResult result) {
        JsonObject json = new JsonObject();
        json.addProperty("task", result.getResultId());
        json.addProperty("complete", result.getComplete());
        json.addProperty("error", result.getError());
        json.add("result", result.getResult() instanceof BatchEmptyResult text
                ? new JsonPrimitive(text.getMessage())
                : Values.write(result.getResult()));
        return json;
    }

    private static JsonElement write(BatchToken token) {
        if (token == null) {
            return JsonNull.INSTANCE;
        }
        JsonObject json = new JsonObject();
        JsonArray tokens = new JsonArray();
        token.getTokens().forEach(tokens::add);
        json.add("tokens", tokens);
        json.addProperty("queryRequired", token.isQueryRequired());
        json.addProperty("returnsResults", token.returnsResults());
        return json;
    }
}
