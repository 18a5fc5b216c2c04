package io.longshore.agent.execdriver.libcontainer;

import io.longshore.agent.account.Identity;
import io.longshore.agent.cgroup.CgroupLimits;
import io.longshore.agent.cgroup.CgroupPath;
import io.longshore.agent.execdriver.Launch;
import io.longshore.agent.execdriver.SessionLaunch;
import io.longshore.agent.execdriver.libcontainer.RunFiles.Note;
import io.longshore.agent.execdriver.libcontainer.plan.HostFacts;
import io.longshore.agent.execdriver.libcontainer.plan.LaunchFacts;
import io.longshore.agent.execdriver.libcontainer.plan.LaunchFacts.Shared;
import io.longshore.agent.execdriver.libcontainer.plan.LaunchPlan;
import io.longshore.agent.execdriver.libcontainer.plan.SessionPlan;
import io.longshore.agent.execdriver.libcontainer.plan.StartPlan;
import io.longshore.agent.linux.ErrnoException;
import io.longshore.agent.linux.Syscalls;
import io.longshore.agent.log.ContainerLog;
import io.longshore.agent.log.LogAttributes;
import io.longshore.agent.seccomp.SeccompFilters;
import io.longshore.agent.stage.StageProgram;
import io.longshore.agent.stage.SupervisorConfig;
import io.longshore.contracts.agent.ContainerSpec;
import io.longshore.contracts.agent.ContainerSpec.ContainerProcess;
import io.longshore.contracts.agent.ContainerSpec.Resources;
import java.time.Duration;
import java.util.List;

/** Compiles launches with what this node has and how it is configured. */
final class Planner {
    private static final SupervisorConfig.Window FIRST_WINDOW = new SupervisorConfig.Window(80, 24);

    private final HostFacts facts;
    private final SeccompFilters filters;
    private final HostDevices devices;
    private final MountSources sources;
    private final InitBinary init;
    private final Duration stall;

    /** @param stall how long an attached client may take nothing */
    Planner(Syscalls syscalls, HostFacts facts, SeccompFilters filters, InitBinary init, Duration stall) {
        this.facts = facts;
        this.filters = filters;
        this.devices = new HostDevices(syscalls);
        this.sources = new MountSources(syscalls);
        this.init = init;
        this.stall = stall;
    }

    /**
     * What this node has of what a launch asks for; {@code Invalid} names what it has not.
     *
     * @param shared stays open until the program has run
     */
    LaunchFacts found(Launch launch, Shared shared) {
        ContainerSpec spec = launch.spec();
        HostDevices.Asked asked = devices.asked(spec.security());
        return new LaunchFacts(
                sources.of(launch),
                asked.nodes(),
                asked.rules(),
                devices.limits(spec.resources().blockIo()),
                shared,
                init.path());
    }

    /** Up to the gate. */
    LaunchPlan launch(Launch launch, LaunchFacts found, SupervisorConfig config) {
        return LaunchPlan.of(launch, facts, config, found);
    }

    /** What they come to here, those of block devices included; without rules of devices. */
    CgroupLimits limits(Resources resources) {
        return new CgroupLimits(resources, List.of(), devices.limits(resources.blockIo()));
    }

    /** Past the gate. Calls libseccomp, which may block. */
    StageProgram start(ContainerSpec spec, StageProgram created, Identity who) throws ErrnoException {
        return StartPlan.of(spec, facts, created, who, filter(filters, spec, facts));
    }

    /** The container's seccomp filter. A privileged one has none but one that it asks for. */
    static byte[] filter(SeccompFilters filters, ContainerSpec spec, HostFacts facts) throws ErrnoException {
        String profile = spec.security().seccomp();
        boolean free = spec.security().privileged() && profile.equals(SeccompFilters.DEFAULT);
        return filters.filter(free ? SeccompFilters.UNCONFINED : profile, StartPlan.capabilities(spec, facts));
    }

    /**
     * Up to the gate, for a session.
     *
     * @param cgroup that it joins
     */
    StageProgram session(SessionLaunch launch, Note note, CgroupPath cgroup) {
        ContainerSpec spec = launch.asContainer();
        return SessionPlan.create(spec, cgroup, facts, config(launch.id().value(), spec.process(), note));
    }

    /** Past the gate, for a session. Its filter is the container's, whatever capabilities it has. Calls libseccomp, which may block. */
    StageProgram startSession(SessionLaunch launch, StageProgram created, Identity who) throws ErrnoException {
        byte[] filter = filter(filters, launch.container(), facts);
        return SessionPlan.start(launch.asContainer(), facts, created, who, filter);
    }

    private SupervisorConfig config(String id, ContainerProcess process, Note note) {
        var stdin = SupervisorConfig.Stdin.NONE;
        if (process.openStdin()) {
            stdin = process.stdinOnce() ? SupervisorConfig.Stdin.ONCE : SupervisorConfig.Stdin.OPEN;
        }
        return SupervisorConfig.of(
                        id, note.socket().toString(), note.exitRecord().toString())
                .stdin(stdin)
                .stall(stall)
                .terminal(process.tty() ? FIRST_WINDOW : null);
    }

    SupervisorConfig config(Launch launch, Note note) {
        ContainerSpec spec = launch.spec();
        return config(spec.id().value(), spec.process(), note)
                .log(spec.log().driver().equals("none") ? null : log(launch));
    }

    private static SupervisorConfig.Log log(Launch launch) {
        ContainerLog log = launch.log();
        return new SupervisorConfig.Log(
                log.path().toString(),
                launch.spec().log().maxBytes(),
                log.files(),
                log.form() == ContainerLog.Form.LOCAL,
                log.compressed(),
                LogAttributes.json(log.attributes()));
    }
}
