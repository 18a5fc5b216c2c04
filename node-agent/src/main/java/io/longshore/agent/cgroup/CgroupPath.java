package io.longshore.agent.cgroup;

import io.longshore.contracts.error.Failure;
import io.longshore.contracts.id.ContainerId;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** A cgroup by its path in every hierarchy: absolute, normalised, at least one level deep. */
public record CgroupPath(String value) {
    private static final Pattern FORM = Pattern.compile("(/[A-Za-z0-9_.@:+-]{1,200})+");
    private static final int LONGEST = 1024;

    /** Under which containers and supervisors live, unless the agent is told otherwise. */
    public static final CgroupPath LONGSHORE = new CgroupPath("/longshore");

    public CgroupPath {
        if (value.length() > LONGEST || !FORM.matcher(value).matches() || hasDots(value)) {
            throw new Failure.Invalid("invalid cgroup parent \"" + value.substring(0, Math.min(200, value.length()))
                    + "\": want a path of letters, digits and _.@:+- without . and .. as names");
        }
    }

    /** Where supervisors live, outside the agent's own cgroup. */
    public CgroupPath supervisors() {
        return new CgroupPath(value + "/supervisors");
    }

    /** A container's: under the parent it asks for (relative ones are taken from the top, as Docker does), or under this one. */
    public CgroupPath container(ContainerId id, @Nullable String parent) {
        if (parent == null || parent.isEmpty()) {
            return new CgroupPath(value + "/" + id);
        }
        String clean = parent.replaceAll("/+", "/").replaceAll("/$", "");
        return new CgroupPath((clean.startsWith("/") || clean.isEmpty() ? clean : "/" + clean) + "/" + id);
    }

    private static boolean hasDots(String value) {
        return (value + "/").contains("/./") || (value + "/").contains("/../");
    }

    @Override
    public String toString() {
        return value;
    }
}
