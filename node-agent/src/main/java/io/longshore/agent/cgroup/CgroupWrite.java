package io.longshore.agent.cgroup;

/**
 * A value for a file of a cgroup.
 *
 * @param file name in the cgroup's directory
 * @param value as written, in one write(2)
 * @param optional whether the kernel may lack the file (swap accounting that is off): then the limit is dropped, as Docker does
 */
record CgroupWrite(String file, String value, boolean optional) {
    static CgroupWrite of(String file, long value) {
        return new CgroupWrite(file, Long.toString(value), false);
    }

    static CgroupWrite of(String file, String value) {
        return new CgroupWrite(file, value, false);
    }

    CgroupWrite orWithout() {
        return new CgroupWrite(file, value, true);
    }
}
