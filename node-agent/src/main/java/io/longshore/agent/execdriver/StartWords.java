package io.longshore.agent.execdriver;

/** How Docker begins to say that a process could not be started, which clients read. */
public enum StartWords {
    CONTAINER("failed to create task for container: "),
    SESSION("OCI runtime exec failed: exec failed: ");

    private final String prefix;

    StartWords(String prefix) {
        this.prefix = prefix;
    }

    /** The words up to the reason. */
    public String prefix() {
        return prefix;
    }
}
