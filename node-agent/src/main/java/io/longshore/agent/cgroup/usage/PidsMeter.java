package io.longshore.agent.cgroup.usage;

import io.longshore.contracts.agent.Sample.Pids;

/** Processes and threads. */
final class PidsMeter implements Meter<Pids> {
    private static final String CURRENT = "pids.current";
    private static final String MOST = "pids.max";

    @Override
    public String v1Name() {
        return "pids";
    }

    @Override
    public String v2Name() {
        return "pids";
    }

    @Override
    public Pids v1(CgroupFiles files) {
        return new Pids(
                CgroupFiles.numberOrZero(files.v1("pids", CURRENT)), CgroupFiles.numberOrZero(files.v1("pids", MOST)));
    }

    @Override
    public Pids v2(CgroupFiles files) {
        String limit = files.v2(MOST).strip();
        return new Pids(
                CgroupFiles.numberOrZero(files.v2(CURRENT)),
                limit.equals("max") ? -1 : CgroupFiles.numberOrZero(limit));
    }
}
