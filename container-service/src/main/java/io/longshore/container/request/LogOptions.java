package io.longshore.container.request;

import io.longshore.contracts.agent.ContainerSpec;
import io.longshore.contracts.container.HostConfig;
import io.longshore.contracts.error.Failure;
import java.math.BigDecimal;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads LogConfig: the driver and its options. What goes with the lines is chosen by {@link LogAttributes}. */
final class LogOptions {
    /** Bounded unless said otherwise: logs that fill a disk take the machine with them. */
    private static final long DEFAULT_MAX_BYTES = 20L << 20;

    private static final int DEFAULT_MAX_FILES = 5;
    private static final int HIGHEST_MAX_FILES = 1_000;
    private static final Set<String> DRIVERS = Set.of("json-file", "local", "none");
    private static final Set<String> OPTIONS =
            Set.of("max-size", "max-file", "compress", "labels", "labels-regex", "env", "env-regex", "tag");
    /** Not a driver's: of how lines reach it, and of the copy that Docker keeps of a log that its driver cannot read. */
    private static final Set<String> COMMON_OPTIONS =
            Set.of("mode", "max-buffer-size", "cache-disabled", "cache-max-size", "cache-max-file", "cache-compress");

    private static final Pattern SIZE =
            Pattern.compile("([0-9]{1,15}(?:\\.[0-9]{1,9})?) ?([kmgtp]?)(?:i?b)?", Pattern.CASE_INSENSITIVE);
    private static final Set<String> TRUE = Set.of("1", "t", "T", "TRUE", "true", "True");
    private static final Set<String> FALSE = Set.of("0", "f", "F", "FALSE", "false", "False");

    private LogOptions() {}

    /** The driver and its limits; every option is checked, the attributes are left out. */
    static ContainerSpec.Log parse(HostConfig.@Nullable LogConfig config) {
        String type = config == null || config.type() == null ? "" : config.type();
        String driver = type.isEmpty() ? "json-file" : type;
        Map<String, String> options = driver.equals("none") ? Map.of() : options(config);
        mode(options);
        if (!DRIVERS.contains(driver)) {
            throw new Failure.Invalid(
                    "error looking up logging plugin " + driver + ": plugin \"" + driver + "\" not found");
        }
        boolean local = driver.equals("local");
        for (String name : options.keySet()) {
            if (!OPTIONS.contains(name) && !COMMON_OPTIONS.contains(name)) {
                throw new Failure.Invalid("unknown log opt '" + name + "' for "
                        + (local ? "log driver " + driver : driver + " log driver"));
            }
        }
        LogAttributes.check(options);
        long maxBytes = options.containsKey("max-size") ? size(options.get("max-size")) : DEFAULT_MAX_BYTES;
        int maxFiles = options.containsKey("max-file") ? files(options.get("max-file")) : DEFAULT_MAX_FILES;
        boolean compress = options.containsKey("compress") ? flag(options.get("compress")) : local;
        if (compress && maxFiles < 2) {
            throw wrong(
                    local
                            ? "compression cannot be enabled when max file count is 1"
                            : "compress cannot be true when max-file is less than 2 or max-size is not set");
        }
        return new ContainerSpec.Log(driver, maxBytes, maxFiles, compress, Map.of());
    }

    static Map<String, String> options(HostConfig.@Nullable LogConfig config) {
        return config == null || config.config() == null ? Map.of() : config.config();
    }

    /** Docker's other mode drops lines rather than let a slow disk hold the container up. */
    private static void mode(Map<String, String> options) {
        String mode = options.getOrDefault("mode", "");
        if (mode.equals("non-blocking")) {
            throw Refusals.notYet(
                    "HostConfig.LogConfig.Config",
                    "mode=" + mode,
                    "; leave it out: logs are files of the node, and who reads them never holds a container up");
        }
        if (!mode.isEmpty() && !mode.equals("blocking")) {
            throw new Failure.Invalid("logger: logging mode not supported: " + mode);
        }
        if (options.containsKey("max-buffer-size")) {
            throw new Failure.Invalid("logger: max-buffer-size option is only supported with 'mode=non-blocking'");
        }
    }

    /** As Docker words what it finds when it starts a container. */
    static Failure wrong(String what) {
        return new Failure.Invalid("failed to initialize logging driver: " + what);
    }

    /** Units of a thousand, as Docker takes them here. */
    private static long size(String text) {
        Matcher matcher = SIZE.matcher(text);
        if (!matcher.matches()) {
            throw wrong("invalid size: '" + text + "' in log opt max-size");
        }
        String unit = matcher.group(2).toLowerCase(Locale.ROOT);
        BigDecimal bytes = new BigDecimal(matcher.group(1))
                .scaleByPowerOfTen(3 * (unit.isEmpty() ? 0 : "kmgtp".indexOf(unit) + 1));
        if (bytes.compareTo(BigDecimal.ONE) < 0 || bytes.compareTo(BigDecimal.valueOf(Long.MAX_VALUE / 2)) > 0) {
            throw wrong("max-size must be a positive number, got '" + text + "'");
        }
        return bytes.longValue();
    }

    private static int files(String text) {
        if (!text.matches("[0-9]{1,4}") || Integer.parseInt(text) < 1 || Integer.parseInt(text) > HIGHEST_MAX_FILES) {
            throw wrong("max-file must be 1 to " + HIGHEST_MAX_FILES + ", got '" + text + "'");
        }
        return Integer.parseInt(text);
    }

    private static boolean flag(String text) {
        if (!TRUE.contains(text) && !FALSE.contains(text)) {
            throw wrong("invalid value for compress: '" + text + "' is neither true nor false");
        }
        return TRUE.contains(text);
    }
}
