package io.longshore.acceptance.clients;

import com.github.dockerjava.api.exception.DockerException;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What a session of docker-java saw, a line for each thing, less what differs from run to run. */
final class Lines {
    private final StringBuilder all = new StringBuilder();

    void tell(String what, @Nullable Object... values) {
        all.append(what)
                .append(": ")
                .append(Arrays.stream(values).map(String::valueOf).collect(Collectors.joining(" ")))
                .append('\n');
    }

    /** The exception that docker-java makes of a refusal, and whether its message has the words. */
    void refused(String what, Runnable call, String... words) {
        try {
            call.run();
            tell(what, "was not refused");
        } catch (DockerException e) {
            String message = String.valueOf(e.getMessage());
            List<String> missing =
                    Arrays.stream(words).filter(word -> !message.contains(word)).toList();
            tell(
                    what,
                    e.getClass().getSimpleName(),
                    e.getHttpStatus(),
                    missing.isEmpty() ? "as it should" : "without " + missing + ": " + message);
        }
    }

    @Override
    public String toString() {
        return all.toString();
    }
}
