package io.longshore.standalone.join;

import io.longshore.contracts.error.Failure;
import io.longshore.contracts.fleet.JoinAnswer;
import io.longshore.platform.run.Settings;
import io.longshore.platform.run.StartFailure;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** {@code ./longshore join --server HOST:PORT --token TOKEN}: what has to be done once before the agent runs. */
public final class JoinMain {
    private static final String WORK = "/var/lib/longshore";

    private JoinMain() {}

    public static void main(String[] arguments) {
        List<String> given = List.of(arguments);
        try {
            Settings settings = Settings.load(given, System.getenv());
            Path work = Path.of(settings.value("standalone.work-directory").orElse(WORK));
            JoinAnswer answer = new Join(work).run(JoinOptions.parse(given));
            System.out.println("This machine is node " + answer.node());
        } catch (Failure e) {
            fail(e.text());
        } catch (StartFailure | IllegalArgumentException | IOException e) {
            fail(String.valueOf(e.getMessage()));
        }
    }

    private static void fail(String message) {
        System.err.println("longshore: " + message);
        System.exit(1);
    }
}
