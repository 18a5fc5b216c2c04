package io.longshore.agent.execdriver.libcontainer.plan;

/**
 * The files of one container that an OCI runtime runs, all in one directory of the agent's.
 *
 * @param bundle the directory (runtime-spec, bundle.md)
 */
public record OciFiles(String bundle) {
    /** What the runtime keeps of the container, and of no other. */
    public String state() {
        return bundle + "/state";
    }

    /** What the runtime says of itself: one JSON object for each line. */
    public String log() {
        return bundle + "/log.json";
    }

    /** The specification of the container. */
    public String config() {
        return bundle + "/config.json";
    }

    /** How the runtime is called, an argument for each line, for who knows nothing else of the container. */
    public String command() {
        return bundle + "/delete";
    }

    /** A copy of the init, for a container that asks for one. */
    public String init() {
        return bundle + "/init";
    }

    /** Where another container's /dev/shm is mounted, for one that shares it. */
    public String shm() {
        return bundle + "/shm";
    }

    /** Below it, one for each mount that a runtime cannot make from its source, by its place among the container's. */
    public String mounts() {
        return bundle + "/mounts";
    }

    String pid() {
        return bundle + "/pid";
    }

    String console() {
        return bundle + "/tty";
    }
}
