package io.longshore.gateway.system;

import io.longshore.contracts.Caller;
import io.longshore.contracts.container.ContainerApi;
import io.longshore.contracts.error.Failure;
import io.longshore.contracts.image.ImageUsage;
import io.longshore.contracts.image.ImageUsageApi;
import io.longshore.contracts.volume.VolumeUsageApi;
import io.longshore.platform.engine.ApiVersion;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** Puts together what the services say of the disks, all asked at the same time. Thread-safe. */
@Component
final class DiskUsage {
    private static final Executor THREADS =
            task -> Thread.ofVirtual().name("disk-usage").start(task);

    /** Each walks over all files of all containers and volumes: those beyond wait as long as they have time. */
    private static final int AT_ONCE = 2;

    /** The minor version that took the size of the old builder's cache out. */
    private static final int WITHOUT_BUILDER = 42;

    private final ContainerApi containers;
    private final ImageUsageApi images;
    private final VolumeUsageApi volumes;
    private final Semaphore places = new Semaphore(AT_ONCE);

    DiskUsage(ContainerApi containers, ImageUsageApi images, VolumeUsageApi volumes) {
        this.containers = containers;
        this.images = images;
        this.volumes = volumes;
    }

    /** What takes space. */
    enum Type {
        CONTAINER,
        IMAGE,
        VOLUME,
        BUILD_CACHE
    }

    /** The answer; what is not wanted is null in it. */
    Map<String, @Nullable Object> of(Caller caller, ApiVersion version, Set<Type> wanted) {
        take(caller);
        try {
            return measure(caller, version, wanted);
        } catch (CompletionException e) {
            throw e.getCause() instanceof RuntimeException cause ? cause : e;
        } finally {
            places.release();
        }
    }

    private void take(Caller caller) {
        try {
            if (!places.tryAcquire(caller.remaining().toNanos(), TimeUnit.NANOSECONDS)) {
                throw new Failure.DeadlineExceeded("deadline exceeded: the disks are being measured for others");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Failure.Unavailable("stopping: ask again in a moment", e);
        }
    }

    private Map<String, @Nullable Object> measure(Caller caller, ApiVersion version, Set<Type> wanted) {
        String spoken = version.toString();
        var ofContainers = ask(wanted.contains(Type.CONTAINER), () -> containers.usage(caller, spoken));
        var ofImages = ask(wanted.contains(Type.IMAGE), () -> images.usage(caller, spoken));
        var ofVolumes = ask(wanted.contains(Type.VOLUME), () -> volumes.usage(caller));
        @Nullable ImageUsage known = ofImages.join();
        Map<String, @Nullable Object> answer = new LinkedHashMap<>();
        answer.put("LayersSize", known == null ? 0 : known.layersSize());
        answer.put("Images", known == null ? null : known.images());
        answer.put("Containers", ofContainers.join());
        answer.put("Volumes", ofVolumes.join());
        // Nothing is built yet, so that nothing is kept of it.
        answer.put("BuildCache", wanted.contains(Type.BUILD_CACHE) ? List.of() : null);
        if (!version.atLeast(WITHOUT_BUILDER)) {
            answer.put("BuilderSize", 0);
        }
        return answer;
    }

    private static <T> CompletableFuture<@Nullable T> ask(boolean wanted, Supplier<@Nullable T> question) {
        return wanted ? CompletableFuture.supplyAsync(question, THREADS) : CompletableFuture.completedFuture(null);
    }
}
