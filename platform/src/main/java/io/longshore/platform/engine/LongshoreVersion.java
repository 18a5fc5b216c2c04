package io.longshore.platform.engine;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Properties;

/** The version of Longshore that this process runs. */
public final class LongshoreVersion {
    private static final String OWN = read();

    private LongshoreVersion() {}

    private static String read() {
        try (InputStream in = LongshoreVersion.class.getResourceAsStream("version.properties")) {
            Properties properties = new Properties();
            if (in != null) {
                properties.load(in);
            }
            return properties.getProperty("version", "unknown");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** As in {@code 0.1.0}. */
    public static String own() {
        return OWN;
    }

    /**
     * What clients take for Docker Engine's version, which some compare with the oldest they know (Testcontainers: 1.6.0): that of the
     * first Docker Engine with {@link ApiVersion#LATEST}, and a version of ours after it.
     */
    public static String asEngine(String version) {
        return "28.3.0+longshore." + version;
    }
}
