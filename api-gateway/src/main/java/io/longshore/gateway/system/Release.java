package io.longshore.gateway.system;

import io.longshore.platform.engine.ApiVersion;
import io.longshore.platform.engine.LongshoreVersion;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Properties;

/** What this build is, and what every answer says of it. */
public final class Release {
    private static final Properties BUILD = read();

    private Release() {}

    private static Properties read() {
        Properties build = new Properties();
        try (InputStream in = Release.class.getResourceAsStream("build.properties")) {
            if (in != null) {
                build.load(in);
            }
            return build;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What clients take for Docker Engine's version. */
    static String engineVersion() {
        return LongshoreVersion.asEngine(LongshoreVersion.own());
    }

    /** When it was built, RFC 3339. */
    static String buildTime() {
        return BUILD.getProperty("time", "");
    }

    /** Of which commit it was built. */
    static String commit() {
        return BUILD.getProperty("commit", "unknown");
    }

    /** The headers that the Engine puts on every answer, and an id to find the request's log lines by. */
    public static void writeHeaders(HttpServletResponse response, String requestId) {
        response.setHeader("Api-Version", ApiVersion.LATEST.toString());
        response.setHeader("Docker-Experimental", "false");
        response.setHeader("Ostype", "linux");
        response.setHeader("Server", "Longshore/" + LongshoreVersion.own() + " (linux)");
        response.setHeader("X-Request-Id", requestId);
    }
}
