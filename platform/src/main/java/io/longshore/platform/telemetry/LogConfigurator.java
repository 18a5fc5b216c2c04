package io.longshore.platform.telemetry;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.PatternLayoutEncoder;
import ch.qos.logback.classic.spi.Configurator;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import ch.qos.logback.core.spi.ContextAwareBase;
import java.util.logging.LogManager;
import org.slf4j.Logger;
import org.slf4j.bridge.SLF4JBridgeHandler;

/**
 * Logging for the whole JVM, set up in code because several services share one and XML costs start time: one line per record on
 * standard error, with the trace id. Found by Logback through {@code META-INF/services}.
 */
public final class LogConfigurator extends ContextAwareBase implements Configurator {
    /** Line breaks in messages are escaped, since parts of them come from outside. */
    private static final String PATTERN =
            "%d{yyyy-MM-dd'T'HH:mm:ss.SSSXXX} %-5level [%X{trace:--}] %logger{0}: %replace(%msg){'\\R', '\\\\n'}%n%ex{20}";

    @Override
    public ExecutionStatus configure(LoggerContext context) {
        PatternLayoutEncoder encoder = new PatternLayoutEncoder();
        encoder.setContext(context);
        encoder.setPattern(PATTERN);
        encoder.start();
        ConsoleAppender<ILoggingEvent> console = new ConsoleAppender<>();
        console.setContext(context);
        console.setName("stderr");
        console.setTarget("System.err");
        console.setEncoder(encoder);
        console.start();
        ch.qos.logback.classic.Logger root = context.getLogger(Logger.ROOT_LOGGER_NAME);
        root.setLevel(Level.WARN);
        root.addAppender(console);
        context.getLogger("io.longshore").setLevel(Level.INFO);
        // At every stop it warns that the socket it has just removed is not there to be removed again.
        context.getLogger("org.apache.tomcat.util.net.NioEndpoint").setLevel(Level.ERROR);
        // It warns that who comes without a certificate is not asked for one later, which nobody is to be: see TlsDoor.
        context.getLogger("org.apache.tomcat.util.net.SSLUtilBase").setLevel(Level.ERROR);
        // It warns of threads that outlive a context; those are the JVM's here, not the context's.
        context.getLogger("org.apache.catalina.loader.WebappClassLoaderBase").setLevel(Level.ERROR);
        // Requests for unknown paths are not worth a line each.
        context.getLogger("org.springframework.web.servlet.PageNotFound").setLevel(Level.ERROR);
        // A part that cannot start says so once, in a sentence of its own: ServiceRunner.
        context.getLogger("org.springframework.boot.diagnostics").setLevel(Level.OFF);
        context.getLogger("org.springframework.boot.SpringApplication").setLevel(Level.OFF);
        context.getLogger("org.springframework.boot.tomcat").setLevel(Level.OFF);
        context.getLogger("org.springframework.boot.web.server.servlet.context").setLevel(Level.ERROR);
        // Tomcat logs through java.util.logging.
        LogManager.getLogManager().reset();
        java.util.logging.Logger.getLogger("").setLevel(java.util.logging.Level.WARNING);
        SLF4JBridgeHandler.install();
        return ExecutionStatus.DO_NOT_INVOKE_NEXT_IF_ANY;
    }
}
