package io.longshore.acceptance.running;

import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/** What the cases run against. */
public enum Form {
    /** Debian's Docker Engine: shows that the case asks for what Docker does, and gives the answers to compare with. */
    DOCKER,
    /** Longshore in one JVM. */
    STANDALONE,
    /** Longshore's parts in a process each. */
    PROCESSES;

    /** The forms to run, Docker Engine first. {@code -Dacceptance.forms=docker,standalone} picks some. */
    public static Stream<Form> picked() {
        List<String> names = List.of(System.getProperty("acceptance.forms", "docker,standalone,processes")
                .split(","));
        return Stream.of(values()).filter(form -> names.contains(form.name().toLowerCase(Locale.ROOT)));
    }

    public boolean longshore() {
        return this != DOCKER;
    }
}
