package io.longshore.agent.execdriver.libcontainer;

import io.longshore.agent.execdriver.CommandNotExecutable;
import io.longshore.agent.execdriver.StartWords;
import io.longshore.agent.linux.Errno;
import io.longshore.agent.stage.StageProgram.Section;
import io.longshore.agent.stage.supervisor.StageFailure;
import io.longshore.contracts.error.Failure;

/** Turns the call of a stage program that failed into what a client reads, in runc's and Docker's words where they have some. */
public final class StartFailures {
    private final StartWords words;
    private final String command;

    /** @param command the first of the process's arguments */
    public StartFailures(StartWords words, String command) {
        this.words = words;
        this.command = command;
    }

    /** The refusal of the start. */
    public Failure explain(StageFailure failure) {
        StageFailure.Report report = failure.report();
        String label = report.label();
        if (report.section().filter(Section.START::equals).isPresent() && label.isEmpty()) {
            return command(report.errno(), text(report));
        }
        if (label.startsWith("working directory ") && report.errno() == Errno.ENOTDIR) {
            return new Failure.Invalid(
                    "Cannot mkdir: " + label.substring("working directory ".length()) + " is not a directory", failure);
        }
        String text = words.prefix() + label + ": " + text(report);
        if (label.startsWith("chdir to cwd ")) {
            return new Failure.Invalid(
                    words.prefix() + "unable to start container process: " + label + ": " + text(report), failure);
        }
        if (label.startsWith("mount /")) {
            boolean mismatch = report.errno() == Errno.ENOTDIR || report.errno() == Errno.EINVAL;
            String hint = mismatch
                    ? ": not a directory: Are you trying to mount a directory onto a file (or vice-versa)? Check if the specified host path"
                            + " exists and is the expected type"
                    : "";
            return new Failure.Invalid(text + hint, failure);
        }
        if (label.startsWith("set ulimit ") && report.errno() == Errno.EPERM) {
            return new Failure.Invalid(text + " (the node does not allow a higher limit)", failure);
        }
        return ofTheSpecification(label) ? new Failure.Invalid(text, failure) : new Failure.Internal(text, failure);
    }

    private static boolean ofTheSpecification(String label) {
        return label.contains("must be a directory in the image")
                || label.startsWith("working directory ")
                || label.startsWith("mount tmpfs on ")
                || label.startsWith("tmpfs option ")
                || label.startsWith("set ")
                || label.startsWith("make room for ")
                || label.startsWith("join the IPC of ");
    }

    private CommandNotExecutable command(Errno error, String text) {
        String quoted = "exec: \"" + command + "\": ";
        if (!command.contains("/")) {
            // A file that may not be executed is not found by a search either.
            return error == Errno.ENOENT || error == Errno.EACCES
                    ? new CommandNotExecutable(127, words, quoted + "executable file not found in $PATH")
                    : new CommandNotExecutable(126, words, quoted + text);
        }
        return error == Errno.ENOENT || error == Errno.ENOTDIR
                ? new CommandNotExecutable(127, words, quoted + "stat " + command + ": " + text)
                : new CommandNotExecutable(126, words, quoted + text);
    }

    private static String text(StageFailure.Report report) {
        return report.errno() == Errno.UNKNOWN
                ? "errno " + report.error()
                : report.errno().text();
    }
}
