package io.longshore.container.request;

import io.longshore.container.kernel.Signals;
import io.longshore.contracts.container.ContainerConfig;
import io.longshore.contracts.error.Failure;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Checks the portable part of a request, as the client sent it. */
final class ConfigCheck {
    private static final Pattern PORT = Pattern.compile("([0-9]{1,5})(-[0-9]{1,5})?(/(tcp|udp|sctp))?");
    /** HOST_NAME_MAX of Linux. */
    private static final int MAX_HOSTNAME = 64;

    private static final int HIGHEST_PORT = 65_535;
    /** PATH_MAX of Linux; no command line, name or label has a use for a longer part. */
    private static final int MAX_PATH = 4096;

    private ConfigCheck() {}

    static void check(ContainerConfig config, boolean withoutNetwork) {
        String image = config.image();
        if (image == null || image.isEmpty()) {
            throw new Failure.Invalid("no image specified: Image is empty");
        }
        hostname("hostname", config.hostname());
        hostname("domainname", config.domainname());
        Environment.check(config.env());
        workingDirectory(config.workingDir());
        volumes(config.volumes());
        ports(config.exposedPorts());
        HealthOptions.check(config.healthcheck());
        String stopSignal = config.stopSignal();
        if (stopSignal != null && !stopSignal.isEmpty()) {
            Signals.parse(stopSignal);
        }
        if (Boolean.TRUE.equals(config.networkDisabled()) && !withoutNetwork) {
            throw Refusals.notYet("NetworkDisabled", true, "; use HostConfig.NetworkMode = none");
        }
    }

    /** After the image's part has been filled in: there is something to run. */
    static void checkCommand(ContainerConfig config) {
        List<String> entrypoint = config.entrypoint();
        List<String> command = config.command();
        if ((entrypoint == null || entrypoint.isEmpty()) && (command == null || command.isEmpty())) {
            throw new Failure.Invalid("no command specified");
        }
    }

    /** The mount point of a volume or tmpfs: absolute, not the root, and not climbing out. */
    static void destination(String field, String path) {
        if (!path.startsWith("/") || path.indexOf('\0') >= 0 || path.length() > MAX_PATH) {
            throw new Failure.Invalid(
                    "invalid mount path: '" + path + "' in " + field + ": mount path must be absolute");
        }
        if (path.replace("/", "").replace(".", "").isEmpty() || path.contains("/../") || path.endsWith("/..")) {
            throw new Failure.Invalid("invalid specification in " + field + ": destination can't be '" + path + "'");
        }
    }

    private static void hostname(String what, @Nullable String name) {
        if (name != null && (name.length() > MAX_HOSTNAME || name.chars().anyMatch(c -> c <= ' ' || c == '/'))) {
            throw new Failure.Invalid("invalid " + what + " format: " + name);
        }
    }

    private static void workingDirectory(@Nullable String directory) {
        if (directory != null && !directory.isEmpty() && !directory.startsWith("/")) {
            throw new Failure.Invalid(
                    "the working directory '" + directory + "' is invalid, it needs to be an absolute path");
        }
    }

    static void volumes(@Nullable Map<String, Map<String, Object>> volumes) {
        for (String destination : volumes == null ? List.<String>of() : volumes.keySet()) {
            if (destination.contains(":")) {
                throw new Failure.Invalid("bad format for volumes: " + destination);
            }
            destination("Volumes", destination);
        }
    }

    private static void ports(@Nullable Map<String, Map<String, Object>> ports) {
        for (String port : ports == null ? List.<String>of() : ports.keySet()) {
            Matcher matcher = PORT.matcher(port);
            if (!matcher.matches() || !isRange(matcher.group(1), matcher.group(2))) {
                throw new Failure.Invalid("invalid port specification in ExposedPorts: \"" + port + "\"");
            }
        }
    }

    private static boolean isRange(String first, @Nullable String dashAndLast) {
        int low = Integer.parseInt(first);
        int high = dashAndLast == null ? low : Integer.parseInt(dashAndLast.substring(1));
        return low <= high && high <= HIGHEST_PORT;
    }
}
