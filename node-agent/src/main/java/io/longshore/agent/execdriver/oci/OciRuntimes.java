package io.longshore.agent.execdriver.oci;

import io.longshore.agent.account.Identity;
import io.longshore.agent.account.UserLookup;
import io.longshore.agent.execdriver.Launch;
import io.longshore.agent.execdriver.StartWords;
import io.longshore.agent.execdriver.libcontainer.ContainerRuntime;
import io.longshore.agent.execdriver.libcontainer.plan.LaunchFacts;
import io.longshore.agent.execdriver.libcontainer.plan.LaunchPlan;
import io.longshore.agent.execdriver.libcontainer.plan.OciConfig;
import io.longshore.agent.execdriver.libcontainer.plan.OciPlan;
import io.longshore.agent.execdriver.libcontainer.plan.StartPlan;
import io.longshore.agent.seccomp.SeccompFilters;
import io.longshore.agent.stage.StageProgram;
import io.longshore.agent.stage.SupervisorConfig;
import io.longshore.agent.stage.supervisor.StageFailure;
import io.longshore.contracts.agent.ContainerSpec;
import io.longshore.contracts.error.Failure;
import io.longshore.contracts.id.ContainerId;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The OCI runtimes of a node, by the names that {@code --runtime} takes. */
public final class OciRuntimes implements ContainerRuntime {
    private final Map<String, RuntimeBinary> binaries;
    private final Workshop workshop;
    private final Bundles bundles;

    private OciRuntimes(Map<String, RuntimeBinary> binaries, Workshop workshop) {
        this.binaries = Map.copyOf(binaries);
        this.workshop = workshop;
        this.bundles = new Bundles(workshop.runDirectory(), workshop.pool());
    }

    /** For a driver that is to have them. */
    public static Factory of(Map<String, RuntimeBinary> binaries) {
        return workshop -> new OciRuntimes(binaries, workshop);
    }

    @Override
    public Set<String> names() {
        return binaries.keySet();
    }

    @Override
    public Preparation prepare(Launch launch, LaunchFacts found, SupervisorConfig config) {
        ContainerSpec spec = launch.spec();
        RuntimeBinary binary = binaries.get(spec.runtime());
        if (binary == null) {
            throw new Failure.Invalid("unknown or invalid runtime name: " + spec.runtime());
        }
        Bundle bundle = bundles.of(launch.id());
        var runtime = new OciPlan.RuntimeCommand(binary.path().toString(), binary.arguments(), bundle.files());
        Map<String, Object> specification =
                OciConfig.of(launch, workshop.facts(), found, bundle.files(), seccomp(spec));
        LaunchPlan plan = OciPlan.create(launch, workshop.facts(), config, found, bundle.files());
        return new BundlePreparation(launch, found, plan, bundle, runtime, specification);
    }

    /** As our own calls have it: a privileged container has no filter but one that it asks for. */
    private Optional<Map<String, Object>> seccomp(ContainerSpec spec) {
        String profile = spec.security().seccomp();
        boolean free = spec.security().privileged() && profile.equals(SeccompFilters.DEFAULT);
        return workshop.filters()
                .ociFilter(free ? SeccompFilters.UNCONFINED : profile, StartPlan.capabilities(spec, workshop.facts()));
    }

    @Override
    public void forget(ContainerId id) {
        bundles.remove(id);
    }

    @Override
    public Set<ContainerId> held() {
        return bundles.held();
    }

    /** Writes the bundle in two steps: who the process is can be asked when its root is mounted. */
    private final class BundlePreparation implements Preparation {
        private final Launch launch;
        private final LaunchFacts found;
        private final LaunchPlan plan;
        private final Bundle bundle;
        private final OciPlan.RuntimeCommand runtime;
        private final Map<String, Object> specification;

        private BundlePreparation(
                Launch launch,
                LaunchFacts found,
                LaunchPlan plan,
                Bundle bundle,
                OciPlan.RuntimeCommand runtime,
                Map<String, Object> specification) {
            this.launch = launch;
            this.found = found;
            this.plan = plan;
            this.bundle = bundle;
            this.runtime = runtime;
            this.specification = specification;
        }

        @Override
        public LaunchPlan plan() {
            return plan;
        }

        @Override
        public void write() {
            bundle.make(runtime.delete(launch.id().value()));
            bundle.makePlaces(OciPlan.staged(launch, found, bundle.files()));
            if (launch.spec().process().init()) {
                bundle.copyInit(found.init());
            }
        }

        @Override
        public StageProgram start(int pid) throws IOException {
            ContainerSpec spec = launch.spec();
            String root = "/proc/" + pid + "/root" + OciPlan.root(launch.root());
            Identity who = UserLookup.find(workshop.syscalls(), root, spec.process());
            bundle.write(OciConfig.as(specification, spec, who));
            return OciPlan.start(spec, plan.create(), runtime);
        }

        @Override
        public Failure explain(StageFailure failure) {
            String command = launch.spec().process().arguments().getFirst();
            return new RuntimeFailures(StartWords.CONTAINER, command, runtime.path(), bundle).explain(failure);
        }
    }
}
