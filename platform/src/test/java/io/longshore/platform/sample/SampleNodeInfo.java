package io.longshore.platform.sample;

import io.longshore.contracts.fleet.NodeInfo;
import java.util.List;

/** A machine as an agent tells of it. */
public final class SampleNodeInfo {
    private SampleNodeInfo() {}

    /** Four processors and 8 GB, with the drivers that each node has. */
    public static NodeInfo of() {
        return new NodeInfo(
                4,
                8L << 30,
                "6.18",
                "Debian",
                "12",
                "linux",
                "x86_64",
                1,
                "cgroupfs",
                "overlay2",
                List.of(),
                List.of("json-file"),
                List.of("bridge"),
                List.of("local"),
                List.of(),
                "longshore",
                List.of(),
                "",
                "/var/lib/longshore",
                List.of(),
                List.of(),
                List.of(),
                null,
                null,
                null,
                null);
    }
}
