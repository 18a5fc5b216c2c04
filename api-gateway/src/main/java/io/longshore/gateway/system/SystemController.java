package io.longshore.gateway.system;

import io.longshore.contracts.Caller;
import io.longshore.contracts.container.ContainerApi;
import io.longshore.contracts.container.ContainerCounts;
import io.longshore.contracts.fleet.FleetApi;
import io.longshore.contracts.fleet.Node;
import io.longshore.contracts.image.ImageApi;
import io.longshore.contracts.image.RegistriesApi;
import io.longshore.contracts.registry.RegistryAccess;
import io.longshore.gateway.event.EventListeners;
import io.longshore.platform.engine.ApiVersion;
import io.longshore.platform.stream.TakeOverValve;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestMethod;
import org.springframework.web.bind.annotation.RestController;

/** {@code /_ping}, {@code /version} and {@code /info}. */
@RestController
final class SystemController {
    private static final Executor THREADS =
            task -> Thread.ofVirtual().name("info").start(task);

    private final ContainerApi containers;
    private final ImageApi images;
    private final RegistriesApi registries;
    private final FleetApi fleet;
    private final EventListeners listeners;

    SystemController(
            ContainerApi containers,
            ImageApi images,
            RegistriesApi registries,
            FleetApi fleet,
            EventListeners listeners) {
        this.containers = containers;
        this.images = images;
        this.registries = registries;
        this.fleet = fleet;
        this.listeners = listeners;
    }

    @RequestMapping(
            path = "/_ping",
            method = {RequestMethod.GET, RequestMethod.HEAD})
    void ping(HttpServletRequest request, HttpServletResponse response) throws IOException {
        response.setHeader("Builder-Version", "1");
        response.setHeader("Swarm", "inactive");
        response.setHeader("Cache-Control", "no-cache, no-store, must-revalidate");
        response.setHeader("Pragma", "no-cache");
        TakeOverValve.contentType(request, "text/plain; charset=utf-8");
        byte[] body = request.getMethod().equals("HEAD") ? new byte[0] : "OK".getBytes(StandardCharsets.UTF_8);
        response.setContentLength(body.length); // 0 for HEAD, as the Engine has it
        response.getOutputStream().write(body);
    }

    @GetMapping("/version")
    Map<String, Object> version(Caller caller) {
        return VersionAnswer.of(fleet.nodes(caller));
    }

    @GetMapping("/info")
    Map<String, Object> info(
            Caller caller,
            @RequestHeader(name = Caller.API_VERSION_HEADER, required = false) @Nullable String version) {
        CompletableFuture<ContainerCounts> containerCounts =
                CompletableFuture.supplyAsync(() -> containers.count(caller), THREADS);
        CompletableFuture<Integer> imageCount = CompletableFuture.supplyAsync(() -> images.count(caller), THREADS);
        CompletableFuture<RegistryAccess> access =
                CompletableFuture.supplyAsync(() -> registries.access(caller), THREADS);
        List<Node> nodes = fleet.nodes(caller);
        try {
            return InfoAnswer.of(
                    ApiVersion.parse(version),
                    nodes,
                    containerCounts.join(),
                    imageCount.join(),
                    access.join(),
                    listeners.count());
        } catch (CompletionException e) {
            throw e.getCause() instanceof RuntimeException cause ? cause : e;
        }
    }
}
