package io.longshore.standalone;

import io.longshore.platform.run.Settings;
import io.longshore.platform.run.StartFailure;
import io.longshore.standalone.join.NodeFile;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.LoggerFactory;

/**
 * Starts the standalone form, or the agent of a machine that has joined a fleet, and stays until it is told to end (SIGTERM, SIGINT).
 *
 * <p>Arguments: {@code --config FILE}; {@code --asked KEY=VALUE} is what the launcher read of the configuration; {@code --train} runs the {@link Training} when everything has started, and ends.
 */
public final class StandaloneMain {
    private StandaloneMain() {}

    public static void main(String[] arguments) throws InterruptedException {
        List<String> given = List.of(arguments);
        Progress progress = new Progress(System.out);
        try {
            Settings settings = Settings.load(given, System.getenv());
            Asked.check(given, settings);
            Form form = form(settings, progress);
            AtomicBoolean stopped = new AtomicBoolean();
            Runtime.getRuntime()
                    .addShutdownHook(Thread.ofPlatform().name("stop").unstarted(() -> stop(form, stopped)));
            form.start();
            if (form instanceof Standalone whole && given.contains("--train")) {
                Training.run(whole.socket());
                System.exit(0);
            }
            StartFailure ended = form.awaitFailure();
            fail(String.valueOf(ended.getMessage()), ended);
        } catch (StartFailure e) {
            fail(e.getMessage() == null ? "cannot start" : e.getMessage(), e);
        } catch (RuntimeException | LinkageError e) {
            fail("cannot start: " + e, e);
        }
    }

    private static Form form(Settings settings, Progress progress) {
        NodeFile node =
                new NodeFile(settings.section(StandaloneProperties.class).workDirectoryOrDefault());
        return node.exists() ? new JoinedNode(node.below(settings), progress) : new Standalone(settings, progress);
    }

    /** The terminal gets one line; the trace goes to the log, once there is one. */
    private static void fail(String message, Throwable cause) {
        if (LogFile.opened()) {
            LoggerFactory.getLogger(StandaloneMain.class).error("ending", cause);
        }
        System.err.println("longshore: " + message.lines().findFirst().orElse("cannot start"));
        System.exit(1);
    }

    /** In the shutdown hook: orderly, and over after a while in any case. */
    private static void stop(Form form, AtomicBoolean stopped) {
        if (!stopped.compareAndSet(false, true)) {
            return;
        }
        Duration limit = form.stopWithin();
        Thread stopping = Thread.ofPlatform().daemon().name("stopping").start(form::close);
        try {
            if (!stopping.join(limit)) {
                System.err.println(
                        "longshore: not everything stopped within " + limit.toSeconds() + " s, ending anyway");
                Runtime.getRuntime().halt(1);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
