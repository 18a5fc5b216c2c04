package io.longshore.agent.cgroup;

import io.longshore.contracts.agent.ContainerSpec.Resources;
import java.util.ArrayList;
import java.util.List;

/**
 * Memory, swap and reservation. Docker's swap is memory and swap together; version 2 counts swap by itself, and has neither swappiness
 * nor processes that wait for memory.
 */
final class MemoryController implements Controller, Changing {
    @Override
    public String name() {
        return "memory";
    }

    @Override
    public List<CgroupWrite> v1(CgroupLimits limits) {
        Resources wanted = limits.resources();
        List<CgroupWrite> writes = new ArrayList<>();
        if (wanted.memory() > 0) {
            // Before memory and swap together, which must not be the smaller.
            writes.add(CgroupWrite.of("memory.limit_in_bytes", wanted.memory()));
        }
        if (wanted.memorySwap() != 0) {
            writes.add(CgroupWrite.of("memory.memsw.limit_in_bytes", wanted.memorySwap())
                    .orWithout());
        }
        if (wanted.memoryReservation() > 0) {
            writes.add(CgroupWrite.of("memory.soft_limit_in_bytes", wanted.memoryReservation()));
        }
        if (wanted.kernelMemory() > 0) {
            writes.add(CgroupWrite.of("memory.kmem.limit_in_bytes", wanted.kernelMemory())
                    .orWithout());
        }
        Long swappiness = wanted.memorySwappiness();
        if (swappiness != null) {
            writes.add(CgroupWrite.of("memory.swappiness", swappiness));
        }
        if (wanted.oomKillDisable()) {
            writes.add(CgroupWrite.of("memory.oom_control", 1));
        }
        return writes;
    }

    @Override
    public List<CgroupWrite> v2(CgroupLimits limits) {
        Resources wanted = limits.resources();
        List<CgroupWrite> writes = new ArrayList<>();
        if (wanted.memory() > 0) {
            writes.add(CgroupWrite.of("memory.max", wanted.memory()));
        }
        if (wanted.memorySwap() < 0) {
            writes.add(CgroupWrite.of("memory.swap.max", "max").orWithout());
        } else if (wanted.memorySwap() > 0) {
            writes.add(CgroupWrite.of("memory.swap.max", Math.max(0, wanted.memorySwap() - wanted.memory()))
                    .orWithout());
        }
        if (wanted.memoryReservation() > 0) {
            writes.add(CgroupWrite.of("memory.low", wanted.memoryReservation()));
        }
        return writes;
    }

    /** Memory must never be more than memory and swap together, so what grows goes first from the other end. */
    @Override
    public List<CgroupWrite> v1Changes(CgroupLimits before, CgroupLimits limits, List<CgroupWrite> added) {
        List<CgroupWrite> changes = new ArrayList<>(added);
        long had = before.resources().memorySwap();
        long gets = limits.resources().memorySwap();
        boolean grows = gets < 0 || (had > 0 && gets > had);
        if (grows && changes.size() > 1 && changes.get(1).file().equals("memory.memsw.limit_in_bytes")) {
            changes.addFirst(changes.remove(1));
        }
        return changes;
    }

    @Override
    public List<CgroupWrite> v2Changes(CgroupLimits before, CgroupLimits limits, List<CgroupWrite> added) {
        return added;
    }
}
