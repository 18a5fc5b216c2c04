package io.longshore.agent.figures;

import io.longshore.contracts.agent.Tick;
import io.longshore.platform.web.Json;

/** A tick as it is written: once for all who watch. */
public final class StatsLine {
    private StatsLine() {}

    /** JSON and a line feed. */
    public static String of(Tick tick) {
        return Json.mapper().writeValueAsString(tick) + "\n";
    }
}
