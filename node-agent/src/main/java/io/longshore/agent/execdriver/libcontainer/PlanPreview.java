package io.longshore.agent.execdriver.libcontainer;

import io.longshore.agent.account.Identity;
import io.longshore.agent.apparmor.AppArmor;
import io.longshore.agent.cgroup.CgroupPath;
import io.longshore.agent.cgroup.Cgroups;
import io.longshore.agent.execdriver.Launch;
import io.longshore.agent.execdriver.RootFs;
import io.longshore.agent.execdriver.libcontainer.plan.HostFacts;
import io.longshore.agent.execdriver.libcontainer.plan.LaunchFacts;
import io.longshore.agent.execdriver.libcontainer.plan.LaunchPlan;
import io.longshore.agent.execdriver.libcontainer.plan.NurseryPlan;
import io.longshore.agent.execdriver.libcontainer.plan.StartPlan;
import io.longshore.agent.linux.SeccompLibrary;
import io.longshore.agent.linux.Syscalls;
import io.longshore.agent.networkdriver.Sandbox;
import io.longshore.agent.seccomp.KernelVersion;
import io.longshore.agent.seccomp.SeccompFilters;
import io.longshore.agent.stage.StageProgram;
import io.longshore.agent.stage.SupervisorConfig;
import io.longshore.contracts.agent.ContainerSpec;
import io.longshore.contracts.agent.ContainerSpec.Mount;
import io.longshore.contracts.error.Failure;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** What a start would do on this machine, as text. Does none of it, and needs no root. */
public final class PlanPreview {
    private static final int PLACEHOLDER_ID = 1000;

    private PlanPreview() {}

    /**
     * The cgroup with what is written to it, the program up to the gate, and the one past it.
     *
     * @param cgroupRoot under which containers get theirs
     * @param work the work directory, of which paths are made
     * @throws Failure.Invalid as a start would be refused
     */
    public static String print(
            Syscalls syscalls, SeccompLibrary seccomp, CgroupPath cgroupRoot, ContainerSpec spec, String work) {
        try {
            Cgroups cgroups = Cgroups.detect(syscalls, cgroupRoot);
            HostFacts facts = NodeFacts.read(syscalls, cgroups, AppArmor.look());
            var devices = new HostDevices(syscalls);
            HostDevices.Asked asked = devices.asked(spec.security());
            var found = new LaunchFacts(
                    LaunchFacts.Sources.DIRECTORIES,
                    asked.nodes(),
                    asked.rules(),
                    devices.limits(spec.resources().blockIo()),
                    LaunchFacts.Shared.NOTHING,
                    "/proc/AGENT/fd/INIT");
            String directory = work + "/containers/" + spec.id();
            SupervisorConfig config = SupervisorConfig.of(
                    spec.id().value(), "/run/longshore-agent/" + spec.id() + ".N", directory + "/exit.N");
            LaunchPlan plan = LaunchPlan.of(launch(spec, work, directory), facts, config, found);
            StageProgram start = StartPlan.of(spec, facts, plan.create(), identity(spec), filter(seccomp, spec, facts));
            List<String> text = new ArrayList<>();
            text.add("# Once, in the process of which supervisors are forked");
            text.add(NurseryPlan.of(facts).print().stripTrailing());
            text.add("# The cgroup, before anything runs");
            text.addAll(cgroups.describe(plan.cgroup(), plan.limits()));
            text.add("# Up to the gate: in the supervisor (prepare, parent) and in the container's process (child)");
            text.add(plan.print().stripTrailing());
            text.add("# Past the gate, when somebody has started the container. " + who(spec));
            text.add(start.print().stripTrailing());
            return String.join("\n", text) + "\n";
        } catch (IOException e) {
            throw new Failure.Internal("cannot plan on this machine: " + e.getMessage(), e);
        }
    }

    private static Launch launch(ContainerSpec spec, String work, String directory) {
        Map<String, String> volumes = spec.mounts().stream()
                .filter(mount -> mount.kind() == Mount.Kind.VOLUME)
                .collect(Collectors.toMap(Mount::destination, mount -> work + "/volumes/" + mount.source() + "/_data"));
        String graph = work + "/overlay2";
        var root = new RootFs.Overlay(
                graph, List.of("LAYERS"), graph + "/ID/diff", graph + "/ID/work", graph + "/ID/merged");
        Sandbox sandbox = spec.network().isHost() ? new Sandbox.Host() : new Sandbox.Private();
        return new Launch(spec, root, volumes, sandbox, directory);
    }

    private static byte[] filter(SeccompLibrary seccomp, ContainerSpec spec, HostFacts facts) throws IOException {
        var filters = new SeccompFilters(seccomp, KernelVersion.running());
        return Planner.filter(filters, spec, facts);
    }

    /** Names are looked up in the image, numbers are themselves. */
    private static Identity identity(ContainerSpec spec) {
        String[] parts = spec.process().user().split(":", 2);
        int uid = number(parts[0]);
        int gid = parts.length > 1 ? number(parts[1]) : uid == 0 ? 0 : PLACEHOLDER_ID;
        return new Identity(uid, gid, List.of(gid), uid == 0 ? "/root" : "/");
    }

    private static int number(String text) {
        if (text.isEmpty() || text.equals("root")) {
            return 0;
        }
        return text.matches("[0-9]{1,9}") ? Integer.parseInt(text) : PLACEHOLDER_ID;
    }

    private static String who(ContainerSpec spec) {
        String user = spec.process().user();
        return user.isEmpty() || user.equals("root")
                ? "Groups of root in the image's /etc/group are added"
                : "Whom the image's /etc/passwd and /etc/group have as "
                        + user.substring(0, Math.min(user.length(), 100)) + " is looked up then; " + PLACEHOLDER_ID
                        + " stands for what only they say";
    }
}
