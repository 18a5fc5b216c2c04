package io.longshore.agent.cgroup;

import io.longshore.contracts.error.Failure;
import io.longshore.contracts.id.ContainerId;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** A cgroup by its path in every hierarchy: absolute, normalised, at least one level deep. */
public record CgroupPath(String value) {
    /** Under which our containers and supervisors live. */
    public static final String ROOT = "/longshore";

    private static final Pattern FORM = Pattern.compile("(/[A-Za-z0-9_.@:+-]{1,200})+");
    private static final int LONGEST = 1024;

    /** Where supervisors live, outside the agent's own cgroup. */
    public static final CgroupPath SUPERVISORS = new CgroupPath(ROOT + "/supervisors");

    public CgroupPath {
        if (value.length() > LONGEST || !FORM.matcher(value).matches() || hasDots(value)) {
            throw new Failure.Invalid("invalid cgroup parent \"" + value.substring(0, Math.min(200, value.length()))
                    + "\": want a path of letters, digits and _.@:+- without . and .. as names");
        }
    }

    /** A container's: under the parent it asks for (relative ones are taken from the root, as Docker does), or under ours. */
    public static CgroupPath of(ContainerId id, @Nullable String parent) {
        if (parent == null || parent.isEmpty()) {
            return new CgroupPath(ROOT + "/" + id);
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
