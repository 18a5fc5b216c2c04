package io.longshore.agent.stage;

import io.longshore.agent.linux.ProcessFlags;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Lists of system calls that the static binary {@code stage} executes, as data: all decisions are made where it is built, and
 * a test can read it without root. Immutable.
 *
 * <p>A <em>create</em> program has the lists prepare (before clone3), parent (after it, in the supervisor) and child (in the
 * new process, up to the gate). A <em>start</em> program has the list that the new process executes after the gate; it ends in
 * execve. One that tolerates ENOENT tolerates ENOTDIR, ELOOP and ENAMETOOLONG as well: that nothing is there has many names. If all
 * execve calls fail, the report has EACCES if one of them did.
 */
public final class StageProgram {
    /** In the parent list: the new process's id. */
    public static final Arg.Slot CHILD_PID = new Arg.Slot(0, "child_pid");

    /** In the parent list: a pidfd of the new process. */
    public static final Arg.Slot CHILD_PIDFD = new Arg.Slot(1, "child_pidfd");

    /** As stage.c has it. */
    static final int MAX_SLOTS = 64;

    static final int MAX_OPS = 4096;

    /** The lists, in the order of the format. */
    public enum Section {
        PREPARE,
        PARENT,
        CHILD,
        START
    }

    private final Map<Section, List<Op>> sections;
    private final List<Arg.Slot> slots;
    private final long cloneFlags;
    private final Arg.@Nullable Slot cgroup;
    private final @Nullable SupervisorConfig config;

    private StageProgram(Builder builder) {
        sections = new EnumMap<>(Section.class);
        for (Section section : Section.values()) {
            List<Op> ops = List.copyOf(builder.sections.getOrDefault(section, List.of()));
            checkSkips(section, ops);
            sections.put(section, ops);
        }
        slots = List.copyOf(builder.slots);
        cloneFlags = builder.cloneFlags;
        cgroup = builder.cgroup;
        config = builder.config;
    }

    private static void checkSkips(Section section, List<Op> ops) {
        if (ops.size() > MAX_OPS) {
            throw new IllegalArgumentException(section + " has " + ops.size() + " calls, at most " + MAX_OPS);
        }
        for (int i = 0; i < ops.size(); i++) {
            if (i + 1 + ops.get(i).skip() > ops.size()) {
                throw new IllegalArgumentException(
                        section + " " + i + " (" + ops.get(i).name() + ") skips past the end of its list");
            }
        }
    }

    /** A create program for a supervisor with this configuration. */
    public static Builder create(SupervisorConfig config) {
        return new Builder(config, List.of(CHILD_PID, CHILD_PIDFD));
    }

    /** A start program, which may read the slots of the create program that went before. */
    public static Builder startAfter(StageProgram created) {
        return new Builder(null, created.slots);
    }

    /** A start program that no other goes before: what the process of which all supervisors are forked does first. */
    public static Builder placing() {
        return new Builder(null, List.of(CHILD_PID, CHILD_PIDFD));
    }

    public List<Op> ops(Section section) {
        return sections.getOrDefault(section, List.of());
    }

    public long cloneFlags() {
        return cloneFlags;
    }

    /** The slot that holds a cgroup v2 directory to be born in (CLONE_INTO_CGROUP); null for the supervisor's own. */
    public Arg.@Nullable Slot cgroup() {
        return cgroup;
    }

    /** Null for a start program. */
    public @Nullable SupervisorConfig config() {
        return config;
    }

    public int slotCount() {
        return slots.size();
    }

    /** The slot of that name; for a start program that is built apart from its create program. */
    public Arg.Slot slot(String name) {
        return slots.stream()
                .filter(slot -> slot.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("the program has no slot named " + name));
    }

    /** The binary form that {@code stage} reads. */
    public byte[] encode() {
        return new ProgramEncoder(this).encode();
    }

    /** One line per call, as strace would print it. */
    public String print() {
        return ProgramPrinter.print(this);
    }

    /** Collects a program. Not thread-safe. */
    public static final class Builder {
        private final Map<Section, List<Op>> sections = new EnumMap<>(Section.class);
        private final List<Arg.Slot> slots;
        private final Map<String, Integer> names = new HashMap<>();
        private final @Nullable SupervisorConfig config;
        private long cloneFlags;
        private Arg.@Nullable Slot cgroup;

        private Builder(@Nullable SupervisorConfig config, List<Arg.Slot> slots) {
            this.config = config;
            this.slots = new ArrayList<>(slots);
        }

        /** CLONE_NEW flags of {@link ProcessFlags}: the namespaces that the new process gets. */
        public Builder cloneFlags(long flags) {
            requireCreate("clone flags");
            this.cloneFlags = flags;
            return this;
        }

        /** The new process is born in the cgroup v2 directory whose descriptor is in this slot. */
        public Builder cgroup(Arg.Slot directory) {
            requireCreate("a cgroup");
            this.cgroup = directory;
            return this;
        }

        /** A new result slot; the name is for {@link #print} and gets a number appended if it is taken. */
        public Arg.Slot slot(String name) {
            if (slots.size() == MAX_SLOTS) {
                throw new IllegalStateException("a program has at most " + MAX_SLOTS + " slots");
            }
            int taken = names.merge(name, 1, Integer::sum);
            var slot = new Arg.Slot(slots.size(), taken == 1 ? name : name + taken);
            slots.add(slot);
            return slot;
        }

        /** Calls of the supervisor before clone3. */
        public Builder prepare(Op... ops) {
            return add(Section.PREPARE, ops);
        }

        /** Calls of the supervisor once the new process exists and waits. */
        public Builder parent(Op... ops) {
            return add(Section.PARENT, ops);
        }

        /** Calls of the new process, from after the parent list up to the gate. */
        public Builder child(Op... ops) {
            return add(Section.CHILD, ops);
        }

        /** Calls of the new process after the gate. */
        public Builder start(Op... ops) {
            return add(Section.START, ops);
        }

        public StageProgram build() {
            return new StageProgram(this);
        }

        private Builder add(Section section, Op... ops) {
            if ((section == Section.START) == (config != null)) {
                throw new IllegalStateException(
                        "a " + (config == null ? "start" : "create") + " program has no list " + section);
            }
            sections.computeIfAbsent(section, s -> new ArrayList<>()).addAll(List.of(ops));
            return this;
        }

        private void requireCreate(String what) {
            if (config == null) {
                throw new IllegalStateException("a start program has no " + what);
            }
        }
    }
}
