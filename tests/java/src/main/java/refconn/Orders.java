package refconn;

import java.lang.reflect.InvocationTargetException;
import org.identityconnectors.framework.common.exceptions.RetryableException;
import org.identityconnectors.framework.common.objects.OperationOptions;

/** What a caller orders by the options that every operation obeys. */
final class Orders {

    private final String toThrow;
    private final int throwAfter;
    private final int delayMillis;
    private int out;

    final boolean answerNull;
    final Integer generate;
    final Integer textLength;
    final boolean describe;

    Orders(OperationOptions options) {
        toThrow = options.getOptions().get("throw") instanceof String name ? name : null;
        throwAfter = number(options, "throwAfter") == null ? 0 : number(options, "throwAfter");
        delayMillis = number(options, "delayMillis") == null ? 0 : Math.max(0, number(options, "delayMillis"));
        answerNull = flag(options, "null");
        generate = number(options, "generate");
        textLength = number(options, "textLength");
        describe = flag(options, "describe");
    }

    static boolean flag(OperationOptions options, String name) {
        return Boolean.TRUE.equals(options.getOptions().get(name));
    }

    private static Integer number(OperationOptions options, String name) {
        return options.getOptions().get(name) instanceof Integer number ? number : null;
    }

    /** Obeys them for an operation with one answer; true if that is to be null. */
    static boolean obey(OperationOptions options) {
        Orders orders = new Orders(options);
        orders.pause();
        orders.failAfter(0);
        return orders.answerNull;
    }

    void beforeItem() {
        pause();
        failAfter(out);
        out++;
    }

    void atEnd() {
        pause();
        failAfter(out);
    }

    /** Whether made-up item `i` is to come. */
    boolean hasItem(int i) {
        return generate < 0 || i < generate;
    }

    /** Whether the stream goes on until somebody stops it. */
    boolean isEndless() {
        return generate == null || generate < 0;
    }

    private void failAfter(int items) {
        if (toThrow != null && items >= throwAfter) {
            throw askedFor(toThrow);
        }
    }

    private void pause() {
        if (delayMillis > 0) {
            try {
                Thread.sleep(delayMillis);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** The exception of that name, simple or full. */
    static RuntimeException askedFor(String name) {
        String text = "asked for " + name;
        String className =
                name.contains(".") ? name : "org.identityconnectors.framework.common.exceptions." + name;
        if (className.equals(RetryableException.class.getName())) {
            return RetryableException.wrap(text, (Throwable) null);
        }
        try {
            return (RuntimeException) Class.forName(className).getConstructor(String.class).newInstance(text);
        } catch (InvocationTargetException e) {
            throw new IllegalStateException(e.getCause());
        } catch (ReflectiveOperationException e) {
            throw new IllegalArgumentException("No exception is called " + className + ".", e);
        }
    }
}
