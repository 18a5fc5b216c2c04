package io.longshore.standalone;

import io.longshore.platform.run.Settings;
import io.longshore.platform.run.StartFailure;
import java.util.List;

/**
 * What the launcher script read of the configuration, in arguments {@code --asked KEY=VALUE}, with nothing after the sign where it found
 * no value. It understands less YAML than a parser, and finds the process, the log and the socket by what it read: if that is something
 * else than what the JVM reads, nobody could stop the Longshore that this would start.
 */
final class Asked {
    private static final String ARGUMENT = "--asked";

    private Asked() {}

    /** A {@link StartFailure} names the first key that the two read differently. */
    static void check(List<String> arguments, Settings settings) {
        for (int i = 0; i + 1 < arguments.size(); i++) {
            if (arguments.get(i).equals(ARGUMENT)) {
                String[] pair = arguments.get(i + 1).split("=", 2);
                check(pair[0], pair.length == 2 ? pair[1] : "", settings);
            }
        }
    }

    private static void check(String key, String asked, Settings settings) {
        String value = settings.value(key).orElse("");
        if (!value.equals(asked)) {
            throw new StartFailure("configuration: " + key + " is \"" + value + "\", and ./longshore reads \"" + asked
                    + "\": write \"" + key.replaceAll(".*\\.", "") + ": VALUE\" on a line of its own below \""
                    + key.replaceAll("\\..*", "") + ":\"");
        }
    }
}
