package io.longshore.standalone;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import ch.qos.logback.core.encoder.Encoder;
import ch.qos.logback.core.rolling.FixedWindowRollingPolicy;
import ch.qos.logback.core.rolling.RollingFileAppender;
import ch.qos.logback.core.rolling.SizeBasedTriggeringPolicy;
import ch.qos.logback.core.util.FileSize;
import java.nio.file.Path;
import org.slf4j.LoggerFactory;

/** Longshore's own log in the work directory: {@code longshore.log} and four older ones of 20 MB each. */
final class LogFile {
    private static final int OLDER = 4;
    private static final long BYTES = 20L << 20;

    private static volatile boolean opened;

    private LogFile() {}

    /** Whether the log goes to the file. */
    static boolean opened() {
        return opened;
    }

    /** Sends the log to the file instead of standard error, in the same format. */
    static Path open(Path directory) {
        Path file = directory.resolve("longshore.log");
        if (!(LoggerFactory.getILoggerFactory() instanceof LoggerContext context)) {
            return file;
        }
        Logger root = context.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
        if (!(root.getAppender("stderr") instanceof ConsoleAppender<ILoggingEvent> console)) {
            return file;
        }
        root.addAppender(appender(context, file, console.getEncoder()));
        root.detachAppender("stderr");
        opened = true;
        context.getLogger("postgres").setLevel(ch.qos.logback.classic.Level.INFO);
        return file;
    }

    private static RollingFileAppender<ILoggingEvent> appender(
            LoggerContext context, Path file, Encoder<ILoggingEvent> encoder) {
        RollingFileAppender<ILoggingEvent> appender = new RollingFileAppender<>();
        appender.setContext(context);
        appender.setName("file");
        appender.setFile(file.toString());
        appender.setEncoder(encoder);
        FixedWindowRollingPolicy names = new FixedWindowRollingPolicy();
        names.setContext(context);
        names.setParent(appender);
        names.setFileNamePattern(file + ".%i");
        names.setMinIndex(1);
        names.setMaxIndex(OLDER);
        names.start();
        SizeBasedTriggeringPolicy<ILoggingEvent> size = new SizeBasedTriggeringPolicy<>();
        size.setContext(context);
        size.setMaxFileSize(new FileSize(BYTES));
        size.start();
        appender.setRollingPolicy(names);
        appender.setTriggeringPolicy(size);
        appender.start();
        return appender;
    }
}
