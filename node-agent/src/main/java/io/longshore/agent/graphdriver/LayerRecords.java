package io.longshore.agent.graphdriver;

import io.longshore.contracts.error.Failure;
import io.longshore.contracts.id.ContainerId;
import io.longshore.contracts.id.Digest;
import io.longshore.oci.LayerChain;
import io.longshore.platform.file.DurableFile;
import io.longshore.platform.file.PrivateDirectory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/**
 * Which layers a driver holds and who stands on them: a JSON file per layer in {@code layers/}, and all of it in memory. A layer exists
 * from the moment its file is there until that is gone; a driver makes the layer's tree before and deletes it after. The memory says
 * who may go, so that no lock is held while a disk is waited for. Thread-safe.
 */
public final class LayerRecords {
    private static final JsonMapper JSON = new JsonMapper();
    private static final String SUFFIX = ".json";

    /** Stripes: as many layers at once as any machine unpacks. */
    private static final int LOCKS = 256;

    private final Path directory;
    private final Map<Digest, StoredLayer> layers = new HashMap<>();
    private final Map<Digest, Set<ContainerId>> users = new HashMap<>();
    private final ReentrantLock[] locks = new ReentrantLock[LOCKS];

    private LayerRecords(Path directory) {
        this.directory = directory;
        Arrays.setAll(locks, i -> new ReentrantLock());
    }

    /** Reads what is in the directory, which is made if it is missing; what a crash left half-written is deleted. */
    public static LayerRecords open(Path directory) throws IOException {
        LayerRecords records = new LayerRecords(PrivateDirectory.make(directory));
        try (Stream<Path> files = Files.list(directory)) {
            for (Path file : files.toList()) {
                records.read(file);
            }
        }
        records.dropOrphans();
        return records;
    }

    private void read(Path file) throws IOException {
        String name = file.getFileName().toString();
        if (!name.endsWith(SUFFIX)) {
            Files.delete(file);
            return;
        }
        try {
            StoredLayer layer = JSON.readValue(Files.readAllBytes(file), StoredLayer.class);
            layers.put(layer.chainId(), layer);
        } catch (JacksonException | Failure e) {
            throw new IOException(
                    "layer metadata " + file + " is damaged; move it away to go on without that layer", e);
        }
    }

    /** A layer without its parent cannot be used, nor be put right; it happens only if someone deletes files. */
    private void dropOrphans() throws IOException {
        for (StoredLayer layer : List.copyOf(layers.values())) {
            for (Digest at = layer.parent(); at != null; at = parentOf(at)) {
                if (!layers.containsKey(at)) {
                    layers.remove(layer.chainId());
                    Files.deleteIfExists(file(layer.chainId()));
                    break;
                }
            }
        }
    }

    private @Nullable Digest parentOf(Digest chainId) {
        StoredLayer layer = layers.get(chainId);
        return layer == null ? null : layer.parent();
    }

    /**
     * The lock under which a driver makes or removes what has this name, a layer's chain id or its own. Two names may share one, so never
     * hold two.
     */
    public ReentrantLock lock(String name) {
        return locks[Math.floorMod(name.hashCode(), LOCKS)];
    }

    /** The layer, if it is held. */
    public synchronized Optional<StoredLayer> find(Digest chainId) {
        return Optional.ofNullable(layers.get(chainId));
    }

    /** All layers, parents before children. */
    public synchronized List<StoredLayer> all() {
        List<StoredLayer> sorted = new ArrayList<>(layers.size());
        Set<Digest> seen = new HashSet<>();
        layers.keySet()
                .forEach(chainId -> chain(chainId).stream()
                        .filter(layer -> seen.add(layer.chainId()))
                        .forEach(sorted::add));
        return sorted;
    }

    /** The layer and all under it, lowest first; {@code NOT_FOUND} when it is not held. Null is the empty stack. */
    public synchronized List<StoredLayer> chain(@Nullable Digest top) {
        List<StoredLayer> chain = new ArrayList<>();
        for (Digest at = top; at != null; ) {
            StoredLayer layer = layers.get(at);
            if (layer == null) {
                throw new Failure.NotFound("layer " + at + " is not on this node");
            }
            chain.addFirst(layer);
            at = layer.parent();
        }
        return chain;
    }

    /** Makes the layer exist, durably, under its lock. {@code NOT_FOUND} when its parent has gone meanwhile. */
    public void add(StoredLayer layer) throws IOException {
        DurableFile.write(file(layer.chainId()), JSON.writeValueAsBytes(layer));
        synchronized (this) {
            if (layer.parent() == null || layers.containsKey(layer.parent())) {
                layers.put(layer.chainId(), layer);
                return;
            }
        }
        Files.deleteIfExists(file(layer.chainId()));
        throw new Failure.NotFound("layer " + layer.parent() + " is not on this node");
    }

    /** What makes a layer. */
    @FunctionalInterface
    public interface Make {
        /** Makes it and {@link #add}s it, under its lock; what fails leaves nothing. */
        StoredLayer run(Digest chainId) throws IOException;
    }

    /** The layer with this content on the parent: the one that is held, or else made now. {@code NOT_FOUND} when the parent is not held. */
    public StoredLayer findOrMake(@Nullable Digest parent, Digest diffId, Make make) {
        Digest chainId = LayerChain.chainId(parent, diffId);
        ReentrantLock lock = lock(chainId.hex());
        lock.lock();
        try {
            Optional<StoredLayer> held = find(chainId);
            if (held.isPresent()) {
                return held.get();
            }
            chain(parent);
            return make.run(chainId);
        } catch (IOException e) {
            chain(parent); // That it has gone meanwhile is what is to be told, not that its files have.
            throw diskFailure("unpacking layer " + diffId, e);
        } finally {
            lock.unlock();
        }
    }

    /** What removes a layer's files. */
    @FunctionalInterface
    public interface Clear {
        void run() throws IOException;
    }

    /** Ends the layer's existence and then removes its files; {@link LayerInUse} while something stands on it. Nothing happens when there is none. */
    public void remove(Digest chainId, Clear files) {
        ReentrantLock lock = lock(chainId.hex());
        lock.lock();
        try {
            if (remove(chainId)) {
                files.run();
            }
        } catch (IOException e) {
            throw diskFailure("removing layer " + chainId, e);
        } finally {
            lock.unlock();
        }
    }

    /** Ends the layer's existence, durably, under its lock. False when there is none. */
    private boolean remove(Digest chainId) throws IOException {
        synchronized (this) {
            if (!layers.containsKey(chainId)) {
                return false;
            }
            for (StoredLayer other : layers.values()) {
                if (chainId.equals(other.parent())) {
                    throw new LayerInUse(chainId, "layer " + other.chainId());
                }
            }
            Set<ContainerId> containers = users.getOrDefault(chainId, Set.of());
            if (!containers.isEmpty()) {
                throw new LayerInUse(
                        chainId, "container " + containers.iterator().next());
            }
            layers.remove(chainId);
        }
        Files.deleteIfExists(file(chainId));
        DurableFile.syncDirectory(directory);
        return true;
    }

    /** Notes that a container stands on the layer; {@code NOT_FOUND} when that is not held. Not durable: the driver's own tree is. */
    public synchronized void use(Digest chainId, ContainerId container) {
        if (!layers.containsKey(chainId)) {
            throw new Failure.NotFound("layer " + chainId + " is not on this node");
        }
        users.computeIfAbsent(chainId, none -> new HashSet<>()).add(container);
    }

    /** Notes that a container is gone. */
    public synchronized void release(ContainerId container) {
        users.values().forEach(containers -> containers.remove(container));
        users.values().removeIf(Set::isEmpty);
    }

    /** The chain ids of all layers. */
    public synchronized Set<Digest> chainIds() {
        return layers.keySet().stream().collect(Collectors.toUnmodifiableSet());
    }

    private Path file(Digest chainId) {
        return directory.resolve(chainId.hex() + SUFFIX);
    }

    /** The failure for a disk that does not do what it should. */
    public static Failure diskFailure(String what, IOException cause) {
        return new Failure.Internal(what + ": " + cause.getMessage(), cause);
    }
}
