package io.longshore.agent.cgroup;

import java.util.ArrayList;
import java.util.List;

/** Block devices in version 2. */
final class IoController implements Controller {
    @Override
    public String name() {
        return "io";
    }

    @Override
    public List<CgroupWrite> v1(CgroupLimits limits) {
        return List.of();
    }

    @Override
    public List<CgroupWrite> v2(CgroupLimits limits) {
        BlockLimits wanted = limits.block();
        List<CgroupWrite> writes = new ArrayList<>();
        if (wanted.weight() > 0) {
            writes.add(CgroupWrite.of("io.bfq.weight", wanted.weight()).orWithout());
            writes.add(CgroupWrite.of("io.weight", weight(wanted.weight())).orWithout());
        }
        for (BlockLimits.Limit limit : wanted.weights()) {
            writes.add(CgroupWrite.of("io.bfq.weight", limit.device() + " " + limit.value())
                    .orWithout());
        }
        rates(writes, "rbps", wanted.readBps());
        rates(writes, "wbps", wanted.writeBps());
        rates(writes, "riops", wanted.readIops());
        rates(writes, "wiops", wanted.writeIops());
        return writes;
    }

    private static void rates(List<CgroupWrite> into, String key, List<BlockLimits.Limit> limits) {
        limits.forEach(limit -> into.add(CgroupWrite.of("io.max", limit.device() + " " + key + "=" + limit.value())));
    }

    /** Docker's weights of 10 to 1000 onto 1 to 10000, as the OCI runtimes do. */
    static long weight(long docker) {
        return 1 + (Math.clamp(docker, 10L, 1000L) - 10) * 9999 / 990;
    }
}
