package io.longshore.container.request;

import io.longshore.contracts.error.Failure;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What SecurityOpt comes to.
 *
 * @param seccomp {@code default} or {@code unconfined}
 * @param noNewPrivileges as asked for
 * @param systemPathsUnconfined whether masked and read-only paths are given up
 */
record SecurityOptions(String seccomp, boolean noNewPrivileges, boolean systemPathsUnconfined) {
    /** Reads the options; with {@code =} or, as old clients write it, {@code :} between name and value. */
    static SecurityOptions parse(@Nullable List<String> options) {
        SecurityOptions result = new SecurityOptions("default", false, false);
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
                    case "unconfined" -> new SecurityOptions("unconfined", noNewPrivileges, systemPathsUnconfined);
                    case "builtin", "default" -> this;
                    default ->
                        throw Refusals.notYet(
                                "HostConfig.SecurityOpt", option, "; use seccomp=unconfined or the default");
                };
            case "systempaths" -> new SecurityOptions(seccomp, noNewPrivileges, value.equals("unconfined"));
            // Nothing confines a container by AppArmor or SELinux here, so that to ask for none of it changes nothing.
            case "apparmor", "label" -> {
                if (value.equals("unconfined") || value.equals("disable")) {
                    yield this;
                }
                throw Refusals.notYet("HostConfig.SecurityOpt", option, "; leave it out");
            }
            default -> throw new Failure.Invalid("invalid --security-opt: \"" + option + "\"");
        };
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
