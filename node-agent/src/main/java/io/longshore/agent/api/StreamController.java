package io.longshore.agent.api;

import io.longshore.agent.container.Attachment;
import io.longshore.agent.container.Containers;
import io.longshore.agent.execdriver.AttachRequest;
import io.longshore.agent.log.LogQuery;
import io.longshore.contracts.agent.ContainerSpec;
import io.longshore.contracts.error.Failure;
import io.longshore.contracts.id.ContainerId;
import io.longshore.platform.stream.StreamResponse;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** The streams of a container: attach and logs. */
@RestController
final class StreamController {
    private static final String RAW = "application/vnd.docker.raw-stream";
    private static final String FRAMES = "application/vnd.docker.multiplexed-stream";

    private final Containers containers;

    StreamController(Containers containers) {
        this.containers = containers;
    }

    /** POST /agent/containers/{id}/attach: see {@code AgentPaths.attach}. */
    @PostMapping("/agent/containers/{id}/attach")
    void attach(
            @PathVariable ContainerId id,
            @RequestParam(defaultValue = "false") boolean stdin,
            @RequestParam(defaultValue = "false") boolean stdout,
            @RequestParam(defaultValue = "false") boolean stderr,
            @RequestParam(defaultValue = "false") boolean stream,
            @RequestParam(defaultValue = "false") boolean logs,
            HttpServletRequest request,
            HttpServletResponse response)
            throws IOException {
        ContainerSpec spec = containers.spec(id);
        AttachRequest wanted = new AttachRequest(stdin, stdout, stderr);
        // Before the head goes out: from then on nothing may be missed.
        Attachment attachment = stream ? containers.attach(id, wanted) : null;
        // What the log has of later times comes live. Nothing is lost between the two; what is written during the call
        // above comes twice.
        LogQuery past = new LogQuery(stdout, stderr, false, false, null, Instant.now(), -1);
        StreamResponse.of(request, response).contentType(type(spec)).duplex(client -> {
            try {
                if (logs) {
                    replay(id, past, client.output());
                }
                if (attachment != null) {
                    new AttachSession(client, attachment).run();
                }
            } finally {
                if (attachment != null) {
                    containers.detach(id, attachment);
                }
            }
        });
    }

    private void replay(ContainerId id, LogQuery past, OutputStream output) throws IOException, InterruptedException {
        if (!containers.spec(id).log().driver().equals("none")) {
            containers.log(id).read(past, containers.spec(id).process().tty(), output);
        }
    }

    /** GET /agent/containers/{id}/logs: see {@code AgentPaths.logs}. */
    @GetMapping("/agent/containers/{id}/logs")
    void logs(
            @PathVariable ContainerId id,
            @RequestParam(defaultValue = "false") boolean stdout,
            @RequestParam(defaultValue = "false") boolean stderr,
            @RequestParam(defaultValue = "false") boolean follow,
            @RequestParam(defaultValue = "false") boolean timestamps,
            LogLimits limits,
            HttpServletRequest request,
            HttpServletResponse response)
            throws IOException {
        ContainerSpec spec = containers.spec(id);
        if (spec.log().driver().equals("none")) {
            throw new Failure.NotImplemented("configured logging driver does not support reading");
        }
        LogQuery query = new LogQuery(
                stdout,
                stderr,
                follow,
                timestamps,
                LogQuery.time("since", limits.since()),
                LogQuery.time("until", limits.until()),
                LogQuery.tail(limits.tail()));
        var log = containers.log(id);
        StreamResponse.of(request, response)
                .contentType(type(spec))
                .output(output -> log.read(query, spec.process().tty(), output));
    }

    /** The query parameters that limit how much of a log is sent; Spring binds them by name. */
    record LogLimits(
            @Nullable String since,
            @Nullable String until,
            @Nullable String tail) {}

    private static String type(ContainerSpec spec) {
        return spec.process().tty() ? RAW : FRAMES;
    }
}
