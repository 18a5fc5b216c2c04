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

    private static final boolean ALL = "all".equals(System.getProperty("acceptance.commands"));

    /**
     * Docker Engine first, since its answers are what the others' are compared with, and with the first command only, as it is the slowest by
     * far. The second command is another client of the same parts: with one form of Longshore, half of the classes with the one and half with
     * the other. {@code -Dacceptance.commands=all} is each with each.
     */
    static Stream<Subject> all(Class<?> cases) {
        Form second = (cases.getSimpleName().hashCode() & 1) == 0 ? Form.STANDALONE : Form.PROCESSES;
        boolean alone = Form.picked().filter(Form::longshore).count() == 1;
        return Form.picked()
                .flatMap(form -> CLIS.stream()
                        .filter(Files::isExecutable)
                        .limit(ALL || form == second || (alone && form.longshore()) ? CLIS.size() : 1)
                        .map(cli -> new Subject(form, cli)));
    }

    /** For what is the agent's alone: see {@link OneForm}. */
    static Stream<Subject> oneForm(Class<?> cases) {
        return oneForm().filter(subject -> subject.longshore() || !cases.isAnnotationPresent(LongshoreOnly.class));
    }

    /** The first command on Docker Engine and on one form of Longshore. */
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
