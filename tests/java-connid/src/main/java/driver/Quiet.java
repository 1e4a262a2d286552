package driver;

import org.identityconnectors.common.logging.Log.Level;
import org.identityconnectors.common.logging.LogSpi;

/**
 * Logs warnings and errors to standard error. The framework's own logger logs everything, and with that the framework
 * wraps handlers, which hides faults that production shows.
 */
public final class Quiet implements LogSpi {

    @Override
    public void log(Class<?> logger, String method, Level level, String message, Throwable e) {
        if (isLoggable(logger, level)) {
            System.err.println(level + " " + logger.getName() + " " + message + (e == null ? "" : " " + e));
        }
    }

    @Override
    public void log(Class<?> logger, StackTraceElement caller, Level level, String message, Throwable e) {
        log(logger, (String) null, level, message, e);
    }

    @Override
    public boolean isLoggable(Class<?> logger, Level level) {
        return level == Level.WARN || level == Level.ERROR;
    }

    @Override
    public boolean needToInferCaller(Class<?> logger, Level level) {
        return false;
    }
}
