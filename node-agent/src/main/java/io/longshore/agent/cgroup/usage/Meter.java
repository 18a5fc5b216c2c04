package io.longshore.agent.cgroup.usage;

/** Reads the account of one controller. Stateless. */
interface Meter<T> {
    /** The controller's name in version 1. */
    String v1Name();

    /** The controller's name in version 2. */
    String v2Name();

    /** By Documentation/admin-guide/cgroup-v1. */
    T v1(CgroupFiles files);

    /** By Documentation/admin-guide/cgroup-v2.rst. */
    T v2(CgroupFiles files);

    /** By the version that has the controller on this machine. */
    default T read(CgroupFiles files) {
        return files.isUnified(v1Name(), v2Name()) ? v2(files) : v1(files);
    }
}
