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

    private static final boolean ALL_ORACLES = "all".equals(System.getProperty("acceptance.oracle"));

    /**
     * Docker Engine first, since its answers are what the others' are compared with; being the slowest by far, it runs with the first
     * command only, unless {@code -Dacceptance.oracle=all}.
     */
    static Stream<Subject> all() {
        return Form.picked()
                .flatMap(form -> CLIS.stream()
                        .filter(Files::isExecutable)
                        .limit(form == Form.DOCKER && !ALL_ORACLES ? 1 : CLIS.size())
                        .map(cli -> new Subject(form, cli)));
    }

    /** The first command on Docker Engine and on one form of Longshore: for what is the agent's alone. */
    static Stream<Subject> oneForm() {
        Path first = CLIS.stream().filter(Files::isExecutable).findFirst().orElseThrow();
        return Form.picked().filter(form -> form != Form.PROCESSES).map(form -> new Subject(form, first));
    }

    /** Whether the command is of a present version of Docker, not Debian's. */
    boolean hasNewCli() {
        return cli.equals(CLIS.getFirst());
    }

    boolean longshore() {
        return form.longshore();
    }

    @Override
    public String toString() {
        return form.name().toLowerCase(Locale.ROOT) + " " + cli;
    }
}
