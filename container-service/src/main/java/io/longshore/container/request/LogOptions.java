package io.longshore.container.request;

import io.longshore.contracts.agent.ContainerSpec;
import io.longshore.contracts.container.HostConfig;
import io.longshore.contracts.error.Failure;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads LogConfig: the driver and the options of json-file. */
final class LogOptions {
    /** Bounded unless said otherwise: logs that fill a disk take the machine with them. */
    private static final long DEFAULT_MAX_BYTES = 20L << 20;

    private static final int DEFAULT_MAX_FILES = 5;
    private static final int HIGHEST_MAX_FILES = 1_000;
    private static final Set<String> OTHER_DRIVERS = Set.of(
            "awslogs", "etwlogs", "fluentd", "gcplogs", "gelf", "journald", "local", "logentries", "splunk", "syslog");
    private static final Set<String> LATER = Set.of(
            "labels",
            "labels-regex",
            "env",
            "env-regex",
            "tag",
            "compress",
            "mode",
            "max-buffer-size",
            "cache-disabled");
    private static final Pattern SIZE = Pattern.compile("([0-9]{1,15})([kmgt]?)b?");

    private LogOptions() {}

    static ContainerSpec.Log parse(HostConfig.@Nullable LogConfig config) {
        String type = config == null || config.type() == null ? "" : config.type();
        String driver = type.isEmpty() ? "json-file" : type;
        if (OTHER_DRIVERS.contains(driver)) {
            throw Refusals.notYet("HostConfig.LogConfig.Type", driver, "; use json-file or none");
        }
        if (!driver.equals("json-file") && !driver.equals("none")) {
            throw new Failure.Invalid("logger: no log driver named '" + driver + "' is registered");
        }
        long maxBytes = DEFAULT_MAX_BYTES;
        int maxFiles = DEFAULT_MAX_FILES;
        Map<String, String> options = config == null || config.config() == null ? Map.of() : config.config();
        for (Map.Entry<String, String> option : options.entrySet()) {
            String name = option.getKey();
            switch (name) {
                case "max-size" -> maxBytes = size(option.getValue());
                case "max-file" -> maxFiles = files(option.getValue());
                default -> {
                    if (LATER.contains(name)) {
                        throw Refusals.notYet("HostConfig.LogConfig.Config", name + "=" + option.getValue(), "");
                    }
                    throw new Failure.Invalid("unknown log opt '" + name + "' for " + driver + " log driver");
                }
            }
        }
        return new ContainerSpec.Log(driver, maxBytes, maxFiles);
    }

    private static long size(String text) {
        Matcher matcher = SIZE.matcher(text.toLowerCase(Locale.ROOT));
        if (!matcher.matches()) {
            throw new Failure.Invalid("invalid size: '" + text + "' in log opt max-size");
        }
        int shift = " kmgt"
                        .indexOf(
                                matcher.group(2).isEmpty()
                                        ? ' '
                                        : matcher.group(2).charAt(0))
                * 10;
        long units = Long.parseLong(matcher.group(1));
        if (units == 0 || units > Long.MAX_VALUE >> (shift + 1)) {
            throw new Failure.Invalid("log opt max-size must be a positive size, got '" + text + "'");
        }
        return units << shift;
    }

    private static int files(String text) {
        if (!text.matches("[0-9]{1,4}") || Integer.parseInt(text) < 1 || Integer.parseInt(text) > HIGHEST_MAX_FILES) {
            throw new Failure.Invalid("log opt max-file must be 1 to " + HIGHEST_MAX_FILES + ", got '" + text + "'");
        }
        return Integer.parseInt(text);
    }
}
