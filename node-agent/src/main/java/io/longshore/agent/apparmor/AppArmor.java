package io.longshore.agent.apparmor;

import io.longshore.contracts.fleet.NodeInfo;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * What this node's AppArmor can do for containers.
 *
 * @param active whether {@link #PROFILE} is loaded, so that containers can be confined
 * @param lacks what keeps it from that on a kernel that has AppArmor; empty if nothing does, or the kernel has none
 */
public record AppArmor(boolean active, String lacks) {
    /** The profile of containers that ask for no other. */
    public static final String PROFILE = NodeInfo.APP_ARMOR_PROFILE;

    /** A kernel without it, and drivers that run nothing. */
    public static final AppArmor NONE = new AppArmor(false, "");

    private static final Path KERNEL = Path.of("/sys/module/apparmor/parameters/enabled");
    private static final Path LOADED = Path.of("/sys/kernel/security/apparmor/profiles");
    private static final String PARSER = "apparmor_parser";
    private static final Map<String, String> ENVIRONMENT =
            Map.of("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL", "C.UTF-8");
    /** Compiling takes some tenths of a second. */
    private static final Duration LIMIT = Duration.ofSeconds(30);

    private static final int LONGEST = 4096;

    /** Loads the profile, or a newer version of it in its place: containers that run are confined by that one from then on. Blocks. */
    public static AppArmor load() {
        if (!enabled(KERNEL)) {
            return NONE;
        }
        try {
            parse(profile());
            return new AppArmor(true, "");
        } catch (IOException e) {
            return new AppArmor(false, String.valueOf(e.getMessage()));
        }
    }

    /** What there is, without loading anything. */
    public static AppArmor look() {
        return new AppArmor(enabled(KERNEL) && lists(LOADED), "");
    }

    /** The name of the profile that a container is confined by; empty for none. */
    public String profile(String asked) {
        return switch (asked) {
            case "default" -> active ? PROFILE : "";
            case "unconfined" -> "";
            default -> asked;
        };
    }

    static boolean enabled(Path parameter) {
        try {
            return Files.readString(parameter).startsWith("Y");
        } catch (IOException e) {
            return false; // A kernel without it.
        }
    }

    /** @param profiles a file with lines such as {@code longshore-default (enforce)} */
    static boolean lists(Path profiles) {
        try {
            return Files.readAllLines(profiles).stream().anyMatch(line -> line.startsWith(PROFILE + " ("));
        } catch (IOException e) {
            return false; // Only root may read it.
        }
    }

    private static byte[] profile() throws IOException {
        try (InputStream in = AppArmor.class.getResourceAsStream(PROFILE)) {
            if (in == null) {
                throw new IOException("the profile is missing from the build");
            }
            return in.readAllBytes();
        }
    }

    /** By AppArmor's own compiler, which reads a profile from its input. */
    private static void parse(byte[] profile) throws IOException {
        ProcessBuilder builder =
                new ProcessBuilder(List.of(PARSER, "--replace", "--skip-cache", "--quiet")).redirectErrorStream(true);
        builder.environment().clear();
        builder.environment().putAll(ENVIRONMENT);
        Process process = start(builder);
        try (InputStream printed = process.getInputStream()) {
            try (OutputStream input = process.getOutputStream()) {
                input.write(profile);
            }
            if (!process.waitFor(LIMIT.toMillis(), TimeUnit.MILLISECONDS)) {
                throw new IOException(PARSER + " takes more than " + LIMIT.toSeconds() + " s");
            }
            if (process.exitValue() != 0) {
                String said = new String(printed.readNBytes(LONGEST), StandardCharsets.UTF_8).strip();
                throw new IOException(PARSER + " exited with " + process.exitValue() + ": " + said);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while " + PARSER + " ran", e);
        } finally {
            process.destroyForcibly();
        }
    }

    private static Process start(ProcessBuilder builder) throws IOException {
        try {
            return builder.start();
        } catch (IOException e) {
            throw new IOException(PARSER + " is not installed; install the package apparmor", e);
        }
    }
}
