package io.longshore.agent.cgroup;

import java.util.ArrayList;
import java.util.List;

/** Block devices in version 1. Weights are of whichever scheduler has them: CFQ until Linux 5.0, BFQ since. */
final class BlkioController implements Controller {
    @Override
    public String name() {
        return "blkio";
    }

    @Override
    public List<CgroupWrite> v1(CgroupLimits limits) {
        BlockLimits wanted = limits.block();
        List<CgroupWrite> writes = new ArrayList<>();
        if (wanted.weight() > 0) {
            writes.add(CgroupWrite.of("blkio.weight", wanted.weight()).orWithout());
            writes.add(CgroupWrite.of("blkio.bfq.weight", wanted.weight()).orWithout());
        }
        rates(writes, "blkio.weight_device", wanted.weights(), true);
        rates(writes, "blkio.bfq.weight_device", wanted.weights(), true);
        rates(writes, "blkio.throttle.read_bps_device", wanted.readBps(), false);
        rates(writes, "blkio.throttle.write_bps_device", wanted.writeBps(), false);
        rates(writes, "blkio.throttle.read_iops_device", wanted.readIops(), false);
        rates(writes, "blkio.throttle.write_iops_device", wanted.writeIops(), false);
        return writes;
    }

    private static void rates(
            List<CgroupWrite> into, String file, List<BlockLimits.Limit> limits, boolean mayBeMissing) {
        for (BlockLimits.Limit limit : limits) {
            CgroupWrite write = CgroupWrite.of(file, limit.device() + " " + limit.value());
            into.add(mayBeMissing ? write.orWithout() : write);
        }
    }

    @Override
    public List<CgroupWrite> v2(CgroupLimits limits) {
        return List.of();
    }
}
