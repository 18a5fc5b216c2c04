package io.longshore.agent.container;

import io.longshore.agent.execdriver.RootFs;
import io.longshore.contracts.agent.ContainerSpec;
import io.longshore.contracts.id.ContainerId;
import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Root file systems that are only remembered. */
final class MemoryRoots implements RootFileSystems {
    final Set<ContainerId> held = ConcurrentHashMap.newKeySet();
    final Set<String> filled = ConcurrentHashMap.newKeySet();

    @Override
    public RootFs prepare(ContainerSpec spec) {
        held.add(spec.id());
        return new RootFs.Directory("/nonexistent/" + spec.id());
    }

    @Override
    public void copyUp(ContainerSpec spec, String destination, Path volume) {
        filled.add(destination);
    }

    @Override
    public Set<ContainerId> held() {
        return Set.copyOf(held);
    }

    @Override
    public void remove(ContainerId id) {
        held.remove(id);
    }
}
