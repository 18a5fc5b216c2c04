package io.longshore.agent.stage.supervisor;

import io.longshore.agent.linux.Errno;
import io.longshore.agent.linux.ErrnoException;
import io.longshore.agent.stage.StageProgram.Section;
import java.io.IOException;
import java.util.Optional;

/** A call of a stage program failed; the process it was for is gone. The message says which and why. */
public final class StageFailure extends IOException {
    private final Report report;

    /**
     * Where a program ended.
     *
     * @param list the section's ordinal; 4 for the stage's own work
     * @param index of the call in its list
     * @param error the errno
     * @param label of the call, or what the stage itself was doing
     */
    public record Report(int list, int index, int error, String label) {
        private static final Section[] SECTIONS = Section.values();

        /** The list; empty for the stage's own work. */
        public Optional<Section> section() {
            return list >= 0 && list < SECTIONS.length ? Optional.of(SECTIONS[list]) : Optional.empty();
        }

        public Errno errno() {
            return Errno.of(error);
        }
    }

    StageFailure(Report report) {
        super(report.section().map(s -> s + " " + report.index() + ": ").orElse("stage: ")
                + (report.label().isEmpty() ? "" : report.label() + ": ")
                + ErrnoException.describe(report.error()));
        this.report = report;
    }

    public Report report() {
        return report;
    }
}
