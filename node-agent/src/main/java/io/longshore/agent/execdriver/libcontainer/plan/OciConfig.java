package io.longshore.agent.execdriver.libcontainer.plan;

import io.longshore.agent.account.Identity;
import io.longshore.agent.cgroup.DeviceRule;
import io.longshore.agent.execdriver.Launch;
import io.longshore.agent.execdriver.libcontainer.plan.HostFacts.DeviceNode;
import io.longshore.agent.linux.FileStatus;
import io.longshore.agent.linux.OpenFlags;
import io.longshore.agent.networkdriver.Sandbox;
import io.longshore.contracts.agent.BindUse;
import io.longshore.contracts.agent.ContainerSpec;
import io.longshore.contracts.agent.ContainerSpec.ContainerProcess;
import io.longshore.contracts.agent.ContainerSpec.Limit;
import io.longshore.contracts.agent.ContainerSpec.Mount;
import io.longshore.contracts.agent.ContainerSpec.Namespaces;
import io.longshore.contracts.agent.ContainerSpec.Resources;
import io.longshore.contracts.error.Failure;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * A launch as the configuration of an OCI bundle (runtime-spec 1.0, config.md and config-linux.md): the same container that {@link LaunchPlan}
 * and {@link StartPlan} make, said in the words that every OCI runtime reads. Pure functions.
 */
public final class OciConfig {
    private static final BigInteger UNLIMITED = BigInteger.TWO.pow(64).subtract(BigInteger.ONE);
    private static final String INIT_INSIDE = "/sbin/docker-init";

    private final Launch launch;
    private final ContainerSpec spec;
    private final HostFacts facts;
    private final LaunchFacts found;
    private final OciFiles files;
    private final Sharing sharing;

    private OciConfig(Launch launch, HostFacts facts, LaunchFacts found, OciFiles files) {
        this.launch = launch;
        this.spec = launch.spec();
        this.facts = facts;
        this.found = found;
        this.files = files;
        this.sharing = new Sharing(spec.security().namespaces(), found.shared());
    }

    /**
     * Everything but who the process is, for the start's refusals to come before anything is made.
     *
     * @param seccomp the filter as config-linux.md has it; empty for none
     * @throws Failure.Invalid if the specification cannot be said; the message names the field
     */
    public static Map<String, Object> of(
            Launch launch, HostFacts facts, LaunchFacts found, OciFiles files, Optional<Map<String, Object>> seccomp) {
        return new OciConfig(launch, facts, found, files).config(seccomp);
    }

    /** The same configuration for a process that is to be this user. */
    public static Map<String, Object> as(Map<String, Object> config, ContainerSpec spec, Identity who) {
        Map<String, Object> process = new LinkedHashMap<>();
        process.put("user", ordered("uid", who.uid(), "gid", who.gid(), "additionalGids", who.groups()));
        process.put("env", Environment.of(spec, who.home()));
        if (config.get("process") instanceof Map<?, ?> rest) {
            rest.forEach((name, value) -> process.put(String.valueOf(name), value));
        }
        Map<String, Object> whole = new LinkedHashMap<>(config);
        whole.put("process", process);
        return whole;
    }

    private Map<String, Object> config(Optional<Map<String, Object>> seccomp) {
        Map<String, Object> config = new LinkedHashMap<>();
        config.put("ociVersion", "1.0.2");
        config.put("process", process());
        config.put("root", ordered("path", OciPlan.root(launch.root()), "readonly", spec.readOnlyRoot()));
        if (sharing.ownUts()) {
            config.put("hostname", spec.hostname());
        }
        config.put("mounts", mounts());
        config.put("linux", linux(seccomp));
        return config;
    }

    private Map<String, Object> process() {
        ContainerProcess process = spec.process();
        List<String> arguments = new ArrayList<>();
        if (process.init()) {
            arguments.addAll(List.of(INIT_INSIDE, "--"));
        }
        arguments.addAll(process.arguments());
        String directory = process.workingDirectory().isEmpty() ? "/" : process.workingDirectory();
        List<String> capabilities = StartPlan.capabilities(spec, facts);
        return ordered(
                "terminal",
                process.tty(),
                "args",
                arguments,
                "cwd",
                InsidePath.parse("working directory", directory).toString(),
                "capabilities",
                ordered("bounding", capabilities, "effective", capabilities, "permitted", capabilities),
                "rlimits",
                process.limits().stream().map(OciConfig::limit).toList(),
                "noNewPrivileges",
                spec.security().noNewPrivileges(),
                "oomScoreAdj",
                process.oomScoreAdjust());
    }

    private static Map<String, Object> limit(Limit limit) {
        if (!StartPlan.LIMITS.containsKey(limit.name())) {
            throw new Failure.Invalid("invalid ulimit type: "
                    + limit.name().substring(0, Math.min(100, limit.name().length())));
        }
        return ordered(
                "type",
                "RLIMIT_" + limit.name().toUpperCase(Locale.ROOT),
                "hard",
                unsigned(limit.hard()),
                "soft",
                unsigned(limit.soft()));
    }

    private static BigInteger unsigned(long value) {
        return value < 0 ? UNLIMITED : BigInteger.valueOf(value);
    }

    private List<Map<String, Object>> mounts() {
        var own = new OwnMounts(launch, found.sources());
        List<Map<String, Object>> mounts = new ArrayList<>();
        system(own).forEach(mount -> {
            if (!own.destinations().contains(String.valueOf(mount.get("destination")))) {
                mounts.add(mount);
            }
        });
        for (OwnMounts.Own each : own.all()) {
            mounts.add(each.mount().kind() == Mount.Kind.TMPFS ? tmpfs(each) : bind(own.source(each, files), each));
        }
        for (String file : OwnMounts.NETWORK_FILES) {
            String at = "/etc/" + file;
            if (!own.destinations().contains(at)) {
                mounts.add(bind(launch.directory() + "/" + file, at, spec.readOnlyRoot()));
            }
        }
        if (spec.process().init()) {
            mounts.add(bind(files.init(), INIT_INSIDE, true));
        }
        return mounts;
    }

    /** As {@link SystemMounts} makes them. What lies below a mount of the container's own at /dev or /sys is left to that. */
    private List<Map<String, Object>> system(OwnMounts own) {
        String mode = spec.security().privileged() ? "rw" : "ro";
        List<Map<String, Object>> mounts = new ArrayList<>();
        mounts.add(mount("/proc", "proc", "proc", List.of("nosuid", "noexec", "nodev")));
        if (!own.destinations().contains("/dev")) {
            mounts.add(mount("/dev", "tmpfs", "tmpfs", List.of("nosuid", "strictatime", "mode=755", "size=65536k")));
            mounts.add(mount(
                    "/dev/pts",
                    "devpts",
                    "devpts",
                    List.of("nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620", "gid=5")));
            mounts.add(mount("/dev/mqueue", "mqueue", "mqueue", List.of("nosuid", "noexec", "nodev")));
            shm().ifPresent(mounts::add);
        }
        if (!own.destinations().contains("/sys")) {
            mounts.add(mount("/sys", "sysfs", "sysfs", List.of("nosuid", "noexec", "nodev", mode)));
            mounts.add(mount("/sys/fs/cgroup", "cgroup", "cgroup", List.of("nosuid", "noexec", "nodev", mode)));
        }
        return mounts;
    }

    private Optional<Map<String, Object>> shm() {
        return switch (spec.security().namespaces().ipc().from()) {
            case NONE -> Optional.empty();
            case HOST -> Optional.of(bind("/dev/shm", "/dev/shm", false));
            case CONTAINER -> Optional.of(bind(files.shm(), "/dev/shm", false));
            case PRIVATE, SHAREABLE ->
                Optional.of(mount(
                        "/dev/shm",
                        "tmpfs",
                        "shm",
                        List.of("nosuid", "noexec", "nodev", "mode=1777", "size=" + spec.shmBytes())));
        };
    }

    private static Map<String, Object> tmpfs(OwnMounts.Own own) {
        String at = own.at().toString();
        boolean readOnly = own.mount().readOnly();
        TmpfsOptions.parse(at, readOnly, own.mount().options());
        List<String> options = new ArrayList<>(List.of("noexec", "nosuid", "nodev", readOnly ? "ro" : "rw"));
        options.addAll(own.mount().options());
        return mount(at, "tmpfs", "tmpfs", options);
    }

    private static Map<String, Object> bind(String source, OwnMounts.Own own) {
        BindUse use = own.mount().bind();
        List<String> options = new ArrayList<>(List.of(use.recursive() ? "rbind" : "bind", use.propagation()));
        options.add(own.mount().readOnly() ? "ro" : "rw");
        if (own.mount().readOnly() && use.readOnlyBelow()) {
            options.add("rro");
        }
        return mount(own.at().toString(), "bind", source, options);
    }

    /** Read-only with all that is mounted below it. */
    private static Map<String, Object> bind(String source, String at, boolean readOnly) {
        List<String> options =
                readOnly ? List.of("rbind", "rprivate", "ro", "rro") : List.of("rbind", "rprivate", "rw");
        return mount(at, "bind", source, options);
    }

    private static Map<String, Object> mount(String at, String type, String source, List<String> options) {
        return ordered("destination", at, "type", type, "source", source, "options", options);
    }

    private Map<String, Object> linux(Optional<Map<String, Object>> seccomp) {
        boolean privileged = spec.security().privileged();
        var devices = new Devices(found.devices(), privileged ? facts.devices() : List.of());
        Map<String, Object> linux = ordered(
                "cgroupsPath",
                LaunchPlan.cgroup(spec, facts).toString(),
                "namespaces",
                namespaces(),
                "sysctl",
                sysctls(),
                "devices",
                devices.nodes().stream().map(OciConfig::device).toList(),
                "resources",
                resources(),
                "maskedPaths",
                facts.masked(spec.security()),
                "readonlyPaths",
                privileged ? List.of() : spec.security().readOnlyPaths());
        launch.spec().mounts().stream()
                .filter(mount -> mount.kind() == Mount.Kind.BIND)
                .map(mount -> mount.bind().propagation())
                .filter(Propagated::propagates)
                .map(Propagated::ofRoot)
                // Of both, the one that lets more through.
                .max(Comparator.comparing("shared"::equals))
                .ifPresent(propagation -> linux.put("rootfsPropagation", propagation));
        seccomp.ifPresent(filter -> linux.put("seccomp", filter));
        return linux;
    }

    /** An IPC namespace of another container has been joined by the one who runs the runtime. */
    private List<Map<String, Object>> namespaces() {
        Namespaces asked = spec.security().namespaces();
        List<Map<String, Object>> namespaces = new ArrayList<>(List.of(ordered("type", "mount")));
        if (Sharing.isOwn(asked.pid())) {
            namespaces.add(ordered("type", "pid"));
        }
        if (Sharing.isOwn(asked.ipc())) {
            namespaces.add(ordered("type", "ipc"));
        }
        if (sharing.ownUts()) {
            namespaces.add(ordered("type", "uts"));
        }
        if (spec.security().cgroupNamespace().equals("private")) {
            namespaces.add(ordered("type", "cgroup"));
        }
        switch (launch.sandbox()) {
            case Sandbox.Host() -> {}
            case Sandbox.Private() -> namespaces.add(ordered("type", "network"));
            case Sandbox.Joined _ ->
                namespaces.add(ordered("type", "network", "path", found.shared().network()));
            case Sandbox.Namespace(String path) -> namespaces.add(ordered("type", "network", "path", path));
        }
        return namespaces;
    }

    private Map<String, String> sysctls() {
        Map<String, String> all = new LinkedHashMap<>();
        if (Sharing.ownNetwork(launch.sandbox())) {
            all.put("net.ipv4.ip_unprivileged_port_start", "0");
            all.put("net.ipv4.ping_group_range", "0 2147483647");
        }
        if (sharing.ownUts() && !spec.domainname().isEmpty()) {
            all.put("kernel.domainname", spec.domainname());
        }
        all.putAll(Sharing.sysctls(spec, launch.sandbox()));
        return all;
    }

    private static Map<String, Object> device(DeviceNode node) {
        boolean block = (node.mode() & OpenFlags.S_IFMT) == OpenFlags.S_IFBLK;
        return ordered(
                "path",
                node.path(),
                "type",
                block ? "b" : "c",
                "major",
                FileStatus.major(node.number()),
                "minor",
                FileStatus.minor(node.number()),
                "fileMode",
                node.mode() & 07777,
                "uid",
                node.uid(),
                "gid",
                node.gid());
    }

    /**
     * What a runtime that does not take the cgroup as it finds it needs to know. The rest, and all that changes later, is set in the cgroup
     * itself, which is there with its limits before the runtime runs.
     */
    private Map<String, Object> resources() {
        Resources wanted = spec.resources();
        Map<String, Object> resources = ordered("devices", deviceRules());
        if (wanted.memory() > 0) {
            resources.put("memory", ordered("limit", wanted.memory()));
        }
        Map<String, Object> cpu = new LinkedHashMap<>();
        if (wanted.cpuQuota() > 0 && wanted.cpuPeriod() > 0) {
            cpu.put("quota", wanted.cpuQuota());
            cpu.put("period", wanted.cpuPeriod());
        }
        if (wanted.cpuShares() > 0) {
            cpu.put("shares", wanted.cpuShares());
        }
        if (!cpu.isEmpty()) {
            resources.put("cpu", cpu);
        }
        if (wanted.pidsLimit() > 0) {
            resources.put("pids", ordered("limit", wanted.pidsLimit()));
        }
        return resources;
    }

    private List<Map<String, Object>> deviceRules() {
        List<Map<String, Object>> rules = new ArrayList<>();
        rules.add(ordered("allow", spec.security().privileged(), "access", "rwm"));
        for (DeviceRule rule : LaunchPlan.deviceRules(spec, found)) {
            Map<String, Object> allowed = ordered("allow", true, "type", String.valueOf(rule.type()));
            if (rule.major() != DeviceRule.ANY) {
                allowed.put("major", rule.major());
            }
            if (rule.minor() != DeviceRule.ANY) {
                allowed.put("minor", rule.minor());
            }
            allowed.put("access", rule.access());
            rules.add(allowed);
        }
        return rules;
    }

    private static Map<String, Object> ordered(Object... namesAndValues) {
        Map<String, Object> map = new LinkedHashMap<>();
        for (int i = 0; i < namesAndValues.length; i += 2) {
            map.put(String.valueOf(namesAndValues[i]), namesAndValues[i + 1]);
        }
        return map;
    }
}
