package io.longshore.platform.engine;

import io.longshore.contracts.agent.PathStat;
import io.longshore.platform.web.Json;
import java.util.Base64;

/** The value of {@link PathStat#HEADER}. */
public final class PathStatHeader {
    private PathStatHeader() {}

    /** JSON in base 64, with the standard alphabet. */
    public static String of(PathStat stat) {
        return Base64.getEncoder().encodeToString(Json.bytes(stat));
    }
}
