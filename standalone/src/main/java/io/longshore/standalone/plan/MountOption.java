package io.longshore.standalone.plan;

import java.util.regex.Pattern;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** {@code --mount type=tmpfs,target=/run,tmpfs-size=1m} as the docker command sends it. */
final class MountOption {
    private static final Pattern OCTAL = Pattern.compile("[0-7]{1,6}");

    private MountOption() {}

    /** An element of {@code HostConfig.Mounts}; {@link PlanRefused} names what it does not know. */
    static ObjectNode parse(String text) {
        ObjectNode mount = JsonNodeFactory.instance.objectNode().put("Type", "volume");
        for (String part : text.split(",", -1)) {
            int equals = part.indexOf('=');
            String key = equals < 0 ? part : part.substring(0, equals);
            String value = equals < 0 ? "true" : part.substring(equals + 1);
            switch (key) {
                case "type" -> mount.put("Type", value);
                case "source", "src" -> mount.put("Source", value);
                case "target", "destination", "dst" -> mount.put("Target", value);
                case "readonly", "ro" -> mount.put("ReadOnly", value.equals("true") || value.equals("1"));
                case "tmpfs-size" -> tmpfs(mount).put("SizeBytes", Sizes.bytes("mount tmpfs-size", value));
                case "tmpfs-mode" -> tmpfs(mount).put("Mode", mode(value));
                default ->
                    throw new PlanRefused("--mount " + text + ": " + key + " is not among what plan knows of it:"
                            + " type, source, target, readonly, tmpfs-size, tmpfs-mode");
            }
        }
        return mount;
    }

    private static ObjectNode tmpfs(ObjectNode mount) {
        return mount.get("TmpfsOptions") instanceof ObjectNode known ? known : mount.putObject("TmpfsOptions");
    }

    private static int mode(String text) {
        if (!OCTAL.matcher(text).matches()) {
            throw new PlanRefused("--mount tmpfs-mode " + text + " is no octal number");
        }
        return Integer.parseInt(text, 8);
    }
}
