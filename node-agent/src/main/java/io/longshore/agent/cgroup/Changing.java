package io.longshore.agent.cgroup;

import java.util.List;

/** A controller for which a change of limits is more than writing what is new. Pure. */
interface Changing {
    /**
     * What turns the one into the other, in order.
     *
     * @param added what is to be written for the new limits and was not for the old ones
     */
    List<CgroupWrite> v1Changes(CgroupLimits before, CgroupLimits limits, List<CgroupWrite> added);

    /** As above. */
    List<CgroupWrite> v2Changes(CgroupLimits before, CgroupLimits limits, List<CgroupWrite> added);
}
