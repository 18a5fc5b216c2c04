package io.longshore.container.request;

import io.longshore.contracts.error.Failure;
import io.longshore.contracts.fleet.NodeInfo;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What SecurityOpt comes to.
 *
 * @param seccomp {@link #DEFAULT}, {@link #UNCONFINED} or a profile in Docker's JSON form
 * @param appArmor {@link #DEFAULT}, {@link #UNCONFINED} or the name of a profile
 * @param noNewPrivileges as asked for
 * @param systemPathsUnconfined whether masked and read-only paths are given up
 */
record SecurityOptions(String seccomp, String appArmor, boolean noNewPrivileges, boolean systemPathsUnconfined) {
    static final String DEFAULT = "default";
    static final String UNCONFINED = "unconfined";
    /** Docker's own has 30 KB. */
    private static final int LONGEST_PROFILE = 1 << 20;
    /** It goes into one line that the kernel takes apart at spaces. */
    private static final Pattern PROFILE_NAME = Pattern.compile("[\\x21-\\x7e]{1,255}");

    /** Reads the options; with {@code =} or, as old clients write it, {@code :} between name and value. */
    static SecurityOptions parse(@Nullable List<String> options) {
        SecurityOptions result = new SecurityOptions(DEFAULT, DEFAULT, false, false);
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
            case "no-new-privileges" ->
                new SecurityOptions(seccomp, appArmor, truth(option, value), systemPathsUnconfined);
            case "seccomp" ->
                switch (value) {
                    case UNCONFINED ->
                        new SecurityOptions(UNCONFINED, appArmor, noNewPrivileges, systemPathsUnconfined);
                    case "builtin", DEFAULT -> this;
                    default -> new SecurityOptions(profile(value), appArmor, noNewPrivileges, systemPathsUnconfined);
                };
            case "systempaths" -> new SecurityOptions(seccomp, appArmor, noNewPrivileges, value.equals("unconfined"));
            case "apparmor" ->
                new SecurityOptions(seccomp, appArmorProfile(option, value), noNewPrivileges, systemPathsUnconfined);
            // Nothing confines a container by SELinux here, so that to ask for none of it changes nothing.
            case "label" -> withoutLabel(option, value);
            default -> throw new Failure.Invalid("invalid --security-opt: \"" + option + "\"");
        };
    }

    /** Against the chosen node: a profile that it cannot apply is not done without. */
    static void checkFits(@Nullable List<String> options, NodeInfo node) {
        String profile = parse(options).appArmor();
        if (!profile.equals(DEFAULT) && !profile.equals(UNCONFINED) && !node.hasAppArmor()) {
            throw new Failure.Invalid("invalid --security-opt: \"apparmor=" + profile
                    + "\": AppArmor is not available on the node; use apparmor=unconfined or leave it out");
        }
    }

    private static String appArmorProfile(String option, String value) {
        if (!PROFILE_NAME.matcher(value).matches()) {
            throw new Failure.Invalid("invalid --security-opt: \"" + option.substring(0, Math.min(300, option.length()))
                    + "\": want the name of a profile that is loaded, or unconfined");
        }
        return value;
    }

    private SecurityOptions withoutLabel(String option, String value) {
        if (value.equals("disable")) {
            return this;
        }
        throw new Failure.Invalid("invalid --security-opt: \"" + option
                + "\": SELinux is not available on the nodes; use label=disable or leave it out");
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
