package io.longshore.agent.execdriver.libcontainer.plan;

import io.longshore.agent.cgroup.Hierarchy;
import io.longshore.agent.linux.Errno;
import io.longshore.agent.stage.StageProgram;

/**
 * Where the process of which supervisors are forked belongs, and so all of them: out of the agent's cgroups, whose processes end with it, and
 * out of the OOM killer's sight. Pure functions.
 */
public final class NurseryPlan {
    private NurseryPlan() {}

    /** A {@link StageProgram#placing} program. */
    public static StageProgram of(HostFacts facts) {
        StageProgram.Builder program = StageProgram.placing();
        var steps = new Steps(program);
        program.start(steps.write(
                "/proc/self/oom_score_adj", "-999", "keep supervisors from the OOM killer", Errno.EACCES, Errno.EPERM));
        for (Hierarchy hierarchy : facts.hierarchies()) {
            program.start(steps.join(hierarchy, facts.cgroupRoot().supervisors(), "supervisors"));
        }
        return program.build();
    }
}
