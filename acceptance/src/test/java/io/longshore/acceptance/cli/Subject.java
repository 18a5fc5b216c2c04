package io.longshore.acceptance.cli;

import io.longshore.acceptance.running.Form;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/** An engine and the docker command that drives it. */
record Subject(Form form, Path cli) {
    private static final List<Path> CLIS = List.of(Path.of("/usr/local/bin/docker"), Path.of("/usr/bin/docker"));

    private static final boolean EVERY_PAIR = "all".equals(System.getProperty("acceptance.clis"));

    /**
     * Docker Engine first, since its answers are what the others' are compared with. The second command runs on one form of Longshore:
     * what differs between commands ends at the gateway, and what differs between forms begins behind it. All on all, which takes
     * minutes more, is {@code -Dacceptance.clis=all}.
     */
    static Stream<Subject> all() {
        return Form.picked()
                .flatMap(form -> CLIS.stream()
                        .filter(Files::isExecutable)
                        .limit(form == Form.STANDALONE || EVERY_PAIR ? CLIS.size() : 1)
                        .map(cli -> new Subject(form, cli)));
    }

    boolean longshore() {
        return form.longshore();
    }

    @Override
    public String toString() {
        return form.name().toLowerCase(Locale.ROOT) + " " + cli;
    }
}
