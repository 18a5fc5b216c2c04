package io.longshore.container.request;

import io.longshore.contracts.error.Failure;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What SecurityOpt comes to.
 *
 * @param seccomp {@link #DEFAULT}, {@link #UNCONFINED} or a profile in Docker's JSON form
 * @param noNewPrivileges as asked for
 * @param systemPathsUnconfined whether masked and read-only paths are given up
 */
record SecurityOptions(String seccomp, boolean noNewPrivileges, boolean systemPathsUnconfined) {
    static final String DEFAULT = "default";
    static final String UNCONFINED = "unconfined";
    /** Docker's own has 30 KB. */
    private static final int LONGEST_PROFILE = 1 << 20;

    /** Reads the options; with {@code =} or, as old clients write it, {@code :} between name and value. */
    static SecurityOptions parse(@Nullable List<String> options) {
        SecurityOptions result = new SecurityOptions(DEFAULT, false, false);
        for (String option : options == null ? List.<String>of() : options) {
            result = result.with(option);
        }
        return result;
    }

    private SecurityOptions with(String option) {
        int separator = separator(option);
        String name = separator < 0 ? option : option.substring(0, separator);
        String value = separator < 0 ? "" : option.substring(separator + 1);
        return switch (name) {
            case "no-new-privileges" -> new SecurityOptions(seccomp, truth(option, value), systemPathsUnconfined);
            case "seccomp" ->
                switch (value) {
                    case UNCONFINED -> new SecurityOptions(UNCONFINED, noNewPrivileges, systemPathsUnconfined);
                    case "builtin", DEFAULT -> this;
                    default -> new SecurityOptions(profile(value), noNewPrivileges, systemPathsUnconfined);
                };
            case "systempaths" -> new SecurityOptions(seccomp, noNewPrivileges, value.equals("unconfined"));
            // Nothing confines a container by AppArmor or SELinux here, so that to ask for none of it changes nothing.
            case "apparmor" -> without(option, value.equals(UNCONFINED), "AppArmor", "apparmor=unconfined");
            case "label" -> without(option, value.equals("disable"), "SELinux", "label=disable");
            default -> throw new Failure.Invalid("invalid --security-opt: \"" + option + "\"");
        };
    }

    private SecurityOptions without(String option, boolean none, String what, String instead) {
        if (none) {
            return this;
        }
        throw new Failure.Invalid("invalid --security-opt: \"" + option + "\": " + what
                + " is not available on the nodes; use " + instead + " or leave it out");
    }

    /** Clients send the profile itself; the node that compiles it says what is wrong with the rest. */
    private static String profile(String text) {
        if (!text.stripLeading().startsWith("{")) {
            throw new Failure.Invalid("Decoding seccomp profile failed: it is no JSON object");
        }
        if (text.length() > LONGEST_PROFILE) {
            throw new Failure.Invalid("Decoding seccomp profile failed: it has " + text.length()
                    + " characters, at most " + LONGEST_PROFILE + " are read");
        }
        return text;
    }

    private static int separator(String option) {
        int equals = option.indexOf('=');
        return equals >= 0 ? equals : option.indexOf(':');
    }

    private static boolean truth(String option, String value) {
        return switch (value) {
            case "", "true", "1" -> true;
            case "false", "0" -> false;
            default -> throw new Failure.Invalid("invalid --security-opt: \"" + option + "\"");
        };
    }
}
