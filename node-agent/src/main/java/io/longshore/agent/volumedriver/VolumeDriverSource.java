package io.longshore.agent.volumedriver;

import io.longshore.contracts.agent.PluginVolume;
import io.longshore.contracts.agent.PluginVolumes;
import io.longshore.contracts.id.ContainerId;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Drivers that come and go while the agent runs, each of which has volumes that others made, too. Thread-safe. */
public interface VolumeDriverSource {
    /** None. */
    VolumeDriverSource NONE = new VolumeDriverSource() {
        @Override
        public Optional<VolumeDriver> driver(String name) {
            return Optional.empty();
        }

        @Override
        public List<String> names() {
            return List.of();
        }

        @Override
        public Optional<PluginVolume> find(String driver, VolumeName volume) {
            return Optional.empty();
        }

        @Override
        public Optional<PluginVolume> find(VolumeName volume) {
            return Optional.empty();
        }

        @Override
        public PluginVolumes list() {
            return new PluginVolumes(List.of(), List.of());
        }

        @Override
        public Set<ContainerId> holders() {
            return Set.of();
        }

        @Override
        public void release(ContainerId container) {}
    };

    /** The driver of that name, whether it is there at the moment or not; empty for what none can be called. */
    Optional<VolumeDriver> driver(String name);

    /** The names of those that have been in use since the agent began, in order. */
    List<String> names();

    /** What the driver says of a volume; empty when it has none of that name. {@code NOT_FOUND} when there is no such driver. */
    Optional<PluginVolume> find(String driver, VolumeName volume);

    /** What the first driver that has it says of a volume. One that does not answer is passed over. */
    Optional<PluginVolume> find(VolumeName volume);

    /** The volumes of all that are there. */
    PluginVolumes list();

    /** See {@link VolumeDriver#holders}: of all. */
    Set<ContainerId> holders();

    /** See {@link VolumeDriver#release}: by all. */
    void release(ContainerId container);
}
