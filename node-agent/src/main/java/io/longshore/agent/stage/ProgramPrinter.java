package io.longshore.agent.stage;

import io.longshore.agent.linux.Errno;
import io.longshore.agent.linux.MountFlags;
import io.longshore.agent.linux.OpenFlags;
import io.longshore.agent.linux.ProcessFlags;
import io.longshore.agent.stage.StageProgram.Section;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** A program as text: {@code child 3: dir = openat(root, "proc", O_DIRECTORY|O_CLOEXEC, 0) tolerates ENOENT else skip 2 # why}. */
final class ProgramPrinter {
    private static final FlagNames OPEN = FlagNames.flags(OpenFlags.class, "O_");
    private static final FlagNames AT = FlagNames.flags(OpenFlags.class, "AT_");
    private static final FlagNames MS = FlagNames.flags(MountFlags.class, "MS_");
    private static final FlagNames CLONE = FlagNames.flags(ProcessFlags.class, "CLONE_");

    /** What an argument's number means, by call and position. */
    private static final Map<String, FlagNames> MEANINGS = Map.ofEntries(
            Map.entry("openat 2", OPEN),
            Map.entry("mount 3", MS),
            Map.entry("umount2 1", FlagNames.flags(MountFlags.class, "MNT_", "UMOUNT_")),
            Map.entry(
                    "open_tree 2",
                    FlagNames.flags(MountFlags.class, "OPEN_TREE_").and(AT)),
            Map.entry("move_mount 4", FlagNames.flags(MountFlags.class, "MOVE_MOUNT_")),
            Map.entry("mount_setattr 2", AT),
            Map.entry("fsopen 1", FlagNames.flags(MountFlags.class, "FSOPEN_")),
            Map.entry("fsmount 1", FlagNames.flags(MountFlags.class, "FSMOUNT_")),
            Map.entry("fsmount 2", FlagNames.flags(MountFlags.class, "MOUNT_ATTR_")),
            Map.entry("fsconfig 1", FlagNames.values(MountFlags.class, "FSCONFIG_")),
            Map.entry("unshare 0", CLONE),
            Map.entry("setns 1", CLONE),
            Map.entry("prctl 0", FlagNames.values(ProcessFlags.class, "PR_SET_", "PR_CAPBSET_", "PR_CAP_AMBIENT")),
            Map.entry("prlimit64 1", FlagNames.values(ProcessFlags.class, "RLIMIT_")),
            Map.entry("kill 1", FlagNames.values(ProcessFlags.class, "SIG")),
            Map.entry("seccomp 0", FlagNames.values(ProcessFlags.class, "SECCOMP_SET_")),
            Map.entry("seccomp 1", FlagNames.flags(ProcessFlags.class, "SECCOMP_FILTER_")),
            Map.entry("close_range 2", FlagNames.flags(ProcessFlags.class, "CLOSE_RANGE_")),
            Map.entry("ioctl 1", FlagNames.values(ProcessFlags.class, "TIOC")),
            Map.entry("fchownat 4", AT),
            Map.entry("newfstatat 3", AT),
            Map.entry("execveat 4", AT),
            Map.entry("linkat 4", AT),
            Map.entry("unlinkat 2", AT));

    private ProgramPrinter() {}

    static String print(StageProgram program) {
        var lines = new ArrayList<String>();
        if (program.config() != null) {
            lines.add("clone3 " + CLONE.text(program.cloneFlags())
                    + (program.cgroup() == null
                            ? ""
                            : " into cgroup " + program.cgroup().name()));
        }
        for (Section section : Section.values()) {
            List<Op> ops = program.ops(section);
            for (int i = 0; i < ops.size(); i++) {
                lines.add(section.name().toLowerCase(Locale.ROOT) + " " + i + ": " + line(ops.get(i)));
            }
        }
        return String.join("\n", lines) + "\n";
    }

    private static String line(Op op) {
        var line = new StringBuilder();
        Arg.Slot save = op.save();
        if (save != null) {
            line.append(save.name()).append(" = ");
        }
        line.append(op.name()).append('(');
        for (int i = 0; i < op.arguments().size(); i++) {
            line.append(i == 0 ? "" : ", ").append(argument(op, i));
        }
        line.append(')');
        if (!op.tolerated().isEmpty()) {
            line.append(" tolerates ")
                    .append(op.tolerated().stream().map(Errno::name).collect(Collectors.joining(", ")));
        }
        if (op.skip() > 0) {
            line.append(op.skipOnSuccess() ? " then skip " : " else skip ").append(op.skip());
        }
        if (!op.label().isEmpty()) {
            line.append(" # ").append(op.label());
        }
        return line.toString();
    }

    private static String argument(Op op, int index) {
        return switch (op.arguments().get(index)) {
            case Arg.Value number -> number(op.name() + " " + index, number.value());
            case Arg.Text text -> quoted(text.value());
            case Arg.Slot slot -> slot.name();
            case Arg.Block block -> block(block);
        };
    }

    private static String number(String position, long value) {
        if (value == OpenFlags.AT_FDCWD
                && position.matches(".*(at|at2|at64|openat2|open_tree|move_mount|setattr) [02]")) {
            return "AT_FDCWD";
        }
        FlagNames meaning = MEANINGS.get(position);
        return meaning == null ? Long.toString(value) : meaning.text(value);
    }

    private static String block(Arg.Block block) {
        if (block.title().equals("strings")) {
            return block.pointers().values().stream()
                    .map(target -> target instanceof Arg.Text text ? quoted(text.value()) : "?")
                    .collect(Collectors.joining(", ", "[", "]"));
        }
        return "{" + block.title() + "}";
    }

    private static String quoted(String text) {
        return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n") + '"';
    }
}
