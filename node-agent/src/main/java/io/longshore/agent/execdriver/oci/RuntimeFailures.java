package io.longshore.agent.execdriver.oci;

import io.longshore.agent.execdriver.CommandNotExecutable;
import io.longshore.agent.execdriver.StartWords;
import io.longshore.agent.execdriver.libcontainer.StartFailures;
import io.longshore.agent.execdriver.libcontainer.plan.OciPlan;
import io.longshore.agent.linux.Errno;
import io.longshore.agent.stage.supervisor.StageFailure;
import io.longshore.contracts.error.Failure;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Turns a runtime's refusal into what a client reads: the runtime's own words, and the exit code that Docker Engine makes of them. */
final class RuntimeFailures {
    /** runc's, in which the CLI of Docker finds the reason. */
    private static final Pattern EXEC = Pattern.compile("exec: \".*", Pattern.DOTALL);

    private final StartWords words;
    private final StartFailures others;
    private final String binary;
    private final Bundle bundle;

    /** @param command the first of the process's arguments */
    RuntimeFailures(StartWords words, String command, String binary, Bundle bundle) {
        this.words = words;
        this.others = new StartFailures(words, command);
        this.binary = binary;
        this.bundle = bundle;
    }

    Failure explain(StageFailure failure) {
        StageFailure.Report report = failure.report();
        if (!report.label().equals(OciPlan.CREATE) && !report.label().equals(OciPlan.START)) {
            return others.explain(failure);
        }
        String prefix = words.prefix() + "OCI " + report.label() + " failed: ";
        if (report.errno() != Errno.ECHILD) {
            return new Failure.Internal(
                    prefix + "fork/exec " + binary + ": " + report.errno().text(), failure);
        }
        String said = bundle.lastError();
        if (said.isEmpty()) {
            return new Failure.Internal(prefix + binary + " ended with an error and did not say why", failure);
        }
        int code = exitCode(said);
        if (code != 0) {
            Matcher reason = EXEC.matcher(said);
            return new CommandNotExecutable(code, words, reason.find() ? reason.group() : said);
        }
        return ofTheSpecification(said)
                ? new Failure.Invalid(prefix + said, failure)
                : new Failure.Internal(prefix + said, failure);
    }

    /** What the process's exit code is to be if it was its command that could not be executed, else 0. */
    private static int exitCode(String said) {
        String lower = said.toLowerCase(Locale.ROOT);
        if (lower.contains("executable file") && lower.contains("not found in $path")) {
            return 127;
        }
        if (!EXEC.matcher(said).find() && !lower.contains("open executable")) {
            return 0;
        }
        return lower.contains("no such file or directory") ? 127 : 126;
    }

    private static boolean ofTheSpecification(String said) {
        return said.contains("not a directory") || said.contains("chdir to cwd") || said.contains("setting rlimits");
    }
}
