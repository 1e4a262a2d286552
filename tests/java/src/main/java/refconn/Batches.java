package refconn;

import java.util.ArrayList;
import java.util.List;
import org.identityconnectors.framework.api.Observer;
import org.identityconnectors.framework.api.operations.batch.BatchEmptyResult;
import org.identityconnectors.framework.api.operations.batch.BatchTask;
import org.identityconnectors.framework.api.operations.batch.BatchTaskExecutor;
import org.identityconnectors.framework.api.operations.batch.CreateBatchTask;
import org.identityconnectors.framework.api.operations.batch.DeleteBatchTask;
import org.identityconnectors.framework.api.operations.batch.UpdateBatchTask;
import org.identityconnectors.framework.common.objects.BatchResult;
import org.identityconnectors.framework.common.objects.BatchToken;
import org.identityconnectors.framework.common.objects.OperationOptions;
import org.identityconnectors.framework.common.objects.Subscription;
import org.identityconnectors.framework.common.objects.Uid;

/** Batches: told at once, or kept until asked for. */
final class Batches implements BatchTaskExecutor {

    private final ReferenceConnector connector;
    private final World world;

    Batches(ReferenceConnector connector, World world) {
        this.connector = connector;
        this.world = world;
    }

    @SuppressWarnings("rawtypes")
    Subscription execute(List<BatchTask> tasks, Observer<BatchResult> observer, OperationOptions options) {
        Orders.obey(options);
        boolean failOnError = Boolean.TRUE.equals(options.getOptions().get("FAIL_ON_ERROR"));
        List<BatchResult> results = new ArrayList<>();
        for (int i = 0; i < tasks.size(); i++) {
            boolean last = i == tasks.size() - 1;
            BatchResult result = run(tasks.get(i), i, last);
            results.add(result);
            if (result.getError() && failOnError) {
                break;
            }
        }
        BatchToken token = new BatchToken();
        if (Orders.flag(options, "later")) {
            token.setQueryRequired(true);
            token.setReturnsResults(false);
            synchronized (world) {
                world.batchesMade++;
                token.addToken("batch-" + world.batchesMade);
                world.batches.put("batch-" + world.batchesMade, results);
            }
        } else {
            results.forEach(observer::onNext);
        }
        observer.onCompleted();
        return new Done(token);
    }

    Subscription query(BatchToken token, Observer<BatchResult> observer, OperationOptions options) {
        Orders.obey(options);
        String name = token.getTokens().isEmpty() ? "" : token.getTokens().get(0);
        List<BatchResult> results;
        synchronized (world) {
            results = world.batches.remove(name);
        }
        if (results == null) {
            throw new IllegalArgumentException("Unknown batch: " + name);
        }
        results.forEach(observer::onNext);
        observer.onCompleted();
        return new Done(new BatchToken());
    }

    private BatchResult run(BatchTask<?> task, int index, boolean last) {
        try {
            Object result = task.execute(this);
            return new BatchResult(result, null, Integer.toString(index), last, false);
        } catch (RuntimeException e) {
            BatchEmptyResult text = new BatchEmptyResult(e.getClass().getName() + ": " + e.getMessage());
            return new BatchResult(text, null, Integer.toString(index), last, true);
        }
    }

    @Override
    public Uid execute(CreateBatchTask task) {
        return connector.create(task.getObjectClass(), task.getCreateAttributes(), task.getOptions());
    }

    @Override
    public BatchEmptyResult execute(DeleteBatchTask task) {
        connector.delete(task.getObjectClass(), task.getUid(), task.getOptions());
        return new BatchEmptyResult("");
    }

    @Override
    public Uid execute(UpdateBatchTask task) {
        return switch (task.getUpdateType()) {
            case UPDATE ->
                connector.update(task.getObjectClass(), task.getUid(), task.getAttributes(), task.getOptions());
            case ADDVALUES -> connector.addAttributeValues(
                    task.getObjectClass(), task.getUid(), task.getAttributes(), task.getOptions());
            case REMOVEVALUES -> connector.removeAttributeValues(
                    task.getObjectClass(), task.getUid(), task.getAttributes(), task.getOptions());
        };
    }

    private record Done(BatchToken token) implements Subscription {

        @Override
        public void close() {
        }

        @Override
        public boolean isUnsubscribed() {
            return true;
        }

        @Override
        public Object getReturnValue() {
            return token;
        }
    }
}
