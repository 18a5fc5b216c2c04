package io.longshore.standalone.plan;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/** The options of {@code docker run} that concern the sandbox, and those that do not change a plan. Any other is refused by name. */
final class RunOptions {
    private static final Map<String, Option> ALL = new LinkedHashMap<>();
    private static final Map<Character, String> SHORT = Map.ofEntries(
            Map.entry('e', "env"),
            Map.entry('u', "user"),
            Map.entry('w', "workdir"),
            Map.entry('t', "tty"),
            Map.entry('i', "interactive"),
            Map.entry('h', "hostname"),
            Map.entry('m', "memory"),
            Map.entry('c', "cpu-shares"),
            Map.entry('l', "label"),
            Map.entry('d', "detach"),
            Map.entry('a', "attach"),
            Map.entry('v', "volume"));

    /**
     * One option.
     *
     * @param takesValue whether a value follows; a flag has {@code true} or {@code false}
     * @param effect on the request
     */
    record Option(String name, boolean takesValue, BiConsumer<RunRequest, String> effect) {}

    private RunOptions() {}

    static {
        process();
        security();
        namespaces();
        memory();
        processors();
        devices();
        withoutEffect();
    }

    private static void value(String name, BiConsumer<RunRequest, String> effect) {
        ALL.put(name, new Option(name, true, effect));
    }

    private static void flag(String name, BiConsumer<RunRequest, Boolean> effect) {
        ALL.put(name, new Option(name, false, (request, value) -> {
            if (!List.of("true", "false").contains(value)) {
                throw new PlanRefused("--" + name + "=" + value + " is neither true nor false");
            }
            effect.accept(request, value.equals("true"));
        }));
    }

    private static void process() {
        value("env", RunRequest::environment);
        value("env-file", RunRequest::environmentFile);
        value("user", (request, value) -> request.config("User", value));
        value("workdir", (request, value) -> request.config("WorkingDir", value));
        value("entrypoint", (request, value) -> request.configItem("Entrypoint", value));
        flag("tty", (request, value) -> request.config("Tty", value));
        flag(
                "interactive",
                (request, value) -> request.config("OpenStdin", value).config("StdinOnce", value));
        value("hostname", (request, value) -> request.config("Hostname", value));
        value("domainname", (request, value) -> request.config("Domainname", value));
        value("stop-signal", (request, value) -> request.config("StopSignal", value));
        value("group-add", (request, value) -> request.hostItem("GroupAdd", value));
        value("ulimit", RunRequest::ulimit);
        value("oom-score-adj", (request, value) -> request.host("OomScoreAdj", Sizes.number("oom-score-adj", value)));
        flag("init", (request, value) -> request.host("Init", value));
        value("runtime", (request, value) -> request.host("Runtime", value));
    }

    private static void security() {
        value("cap-add", (request, value) -> request.hostItem("CapAdd", value));
        value("cap-drop", (request, value) -> request.hostItem("CapDrop", value));
        flag("privileged", (request, value) -> request.host("Privileged", value));
        value("security-opt", RunRequest::securityOption);
        flag("read-only", (request, value) -> request.host("ReadonlyRootfs", value));
        value("mount", (request, value) -> request.mount(MountOption.parse(value)));
        value("volume", RunRequest::volume);
        value("tmpfs", (request, value) -> request.hostMember("Tmpfs", value, ":"));
        value("sysctl", (request, value) -> request.hostMember("Sysctls", value, "="));
        value("storage-opt", (request, value) -> request.hostMember("StorageOpt", value, "="));
    }

    private static void namespaces() {
        for (String name : List.of("network", "net")) {
            value(name, (request, value) -> request.host("NetworkMode", value));
        }
        value("pid", (request, value) -> request.host("PidMode", value));
        value("ipc", (request, value) -> request.host("IpcMode", value));
        value("uts", (request, value) -> request.host("UTSMode", value));
        value("userns", (request, value) -> request.host("UsernsMode", value));
        value("cgroupns", (request, value) -> request.host("CgroupnsMode", value));
        value("cgroup-parent", (request, value) -> request.host("CgroupParent", value));
    }

    private static void memory() {
        bytes("memory", "Memory");
        bytes("memory-swap", "MemorySwap");
        bytes("memory-reservation", "MemoryReservation");
        bytes("kernel-memory", "KernelMemory");
        bytes("shm-size", "ShmSize");
        number("memory-swappiness", "MemorySwappiness");
        flag("oom-kill-disable", (request, value) -> request.host("OomKillDisable", value));
        number("pids-limit", "PidsLimit");
    }

    private static void processors() {
        value("cpus", (request, value) -> request.host("NanoCpus", Sizes.nanoCpus(value)));
        number("cpu-shares", "CpuShares");
        number("cpu-quota", "CpuQuota");
        number("cpu-period", "CpuPeriod");
        number("cpu-rt-runtime", "CpuRealtimeRuntime");
        number("cpu-rt-period", "CpuRealtimePeriod");
        value("cpuset-cpus", (request, value) -> request.host("CpusetCpus", value));
        value("cpuset-mems", (request, value) -> request.host("CpusetMems", value));
    }

    private static void devices() {
        value("device", RunRequest::device);
        value("device-cgroup-rule", (request, value) -> request.hostItem("DeviceCgroupRules", value));
        number("blkio-weight", "BlkioWeight");
        value(
                "blkio-weight-device",
                (request, value) -> request.deviceValue(
                        "BlkioWeightDevice", "Weight", value, weight -> Sizes.number("blkio-weight-device", weight)));
        for (String direction : List.of("Read", "Write")) {
            String option = "device-" + direction.toLowerCase(java.util.Locale.ROOT);
            value(
                    option + "-bps",
                    (request, value) -> request.deviceValue(
                            "BlkioDevice" + direction + "Bps",
                            "Rate",
                            value,
                            rate -> Sizes.bytes(option + "-bps", rate)));
            value(
                    option + "-iops",
                    (request, value) -> request.deviceValue(
                            "BlkioDevice" + direction + "IOps",
                            "Rate",
                            value,
                            rate -> Sizes.number(option + "-iops", rate)));
        }
    }

    private static void withoutEffect() {
        for (String name : List.of(
                "name",
                "label",
                "label-file",
                "stop-timeout",
                "pull",
                "platform",
                "cidfile",
                "attach",
                "detach-keys")) {
            value(name, (request, value) -> {});
        }
        for (String name : List.of("restart", "log-driver", "log-opt", "expose")) {
            value(name, (request, value) -> {});
        }
        for (String name : List.of("cmd", "interval", "timeout", "start-period", "start-interval", "retries")) {
            value("health-" + name, (request, value) -> {});
        }
        // They make the files that are mounted, and not how they are.
        for (String name : List.of("dns", "dns-search", "dns-option", "dns-opt", "add-host")) {
            value(name, (request, value) -> {});
        }
        for (String name : List.of("rm", "detach", "sig-proxy", "quiet", "no-healthcheck")) {
            flag(name, (request, value) -> {});
        }
    }

    private static void bytes(String name, String field) {
        value(name, (request, value) -> request.host(field, Sizes.bytes(name, value)));
    }

    private static void number(String name, String field) {
        value(name, (request, value) -> request.host(field, Sizes.number(name, value)));
    }

    static Option named(String name) {
        Option option = ALL.get(name);
        if (option == null) {
            throw new PlanRefused(
                    "--" + name + " is not among the options that plan knows: " + String.join(", ", ALL.keySet()));
        }
        return option;
    }

    static Option named(char letter) {
        @Nullable String name = SHORT.get(letter);
        if (name == null) {
            throw new PlanRefused("-" + letter + " is not among the options that plan knows");
        }
        return named(name);
    }
}
