package io.longshore.agent.api;

import io.longshore.agent.container.Attachment;
import io.longshore.agent.container.Containers;
import io.longshore.agent.execdriver.AttachRequest;
import io.longshore.agent.log.LogQuery;
import io.longshore.agent.log.LogReader;
import io.longshore.agent.session.Sessions;
import io.longshore.contracts.agent.ContainerSpec;
import io.longshore.contracts.error.Failure;
import io.longshore.contracts.id.ContainerId;
import io.longshore.contracts.id.ExecId;
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
import org.springframework.web.bind.annotation.RestController;

/** The streams of a container: attach and logs. */
@RestController
final class StreamController {
    private static final String RAW = "application/vnd.docker.raw-stream";
    private static final String FRAMES = "application/vnd.docker.multiplexed-stream";

    private final Containers containers;
    private final Sessions sessions;

    StreamController(Containers containers, Sessions sessions) {
        this.containers = containers;
        this.sessions = sessions;
    }

    /** What to attach to; each is 0 or 1, and 0 when it is left out. */
    record AttachQuery(
            @Nullable Boolean stdin,
            @Nullable Boolean stdout,
            @Nullable Boolean stderr,
            @Nullable Boolean stream,
            @Nullable Boolean logs) {}

    /** POST /agent/containers/{id}/attach: see {@code AgentPaths.attach}. */
    @PostMapping("/agent/containers/{id}/attach")
    void attach(
            @PathVariable ContainerId id, AttachQuery query, HttpServletRequest request, HttpServletResponse response)
            throws IOException {
        ContainerSpec spec = containers.spec(id);
        AttachRequest wanted = new AttachRequest(on(query.stdin()), on(query.stdout()), on(query.stderr()));
        // Before the head goes out: from then on nothing may be missed.
        Attachment attachment = on(query.stream()) ? containers.attach(id, wanted) : null;
        // What the log has of later times comes live. Nothing is lost between the two; what is written during the call
        // above comes twice.
        LogQuery past = new LogQuery(wanted.stdout(), wanted.stderr(), false, false, false, null, Instant.now(), -1);
        Runnable detach = () -> {
            if (attachment != null) {
                containers.detach(id, attachment);
            }
        };
        StreamResponse.of(request, response)
                .contentType(type(spec))
                .abandoned(detach)
                .duplex(client -> {
                    try {
                        if (on(query.logs())) {
                            replay(spec, past, client.output());
                        }
                        if (attachment != null) {
                            new AttachSession(client, attachment).run();
                        }
                    } finally {
                        detach.run();
                    }
                });
    }

    /** POST /agent/sessions/{session}/attach: see {@code AgentPaths.attach}. */
    @PostMapping("/agent/sessions/{session}/attach")
    void attachSession(
            @PathVariable ExecId session, AttachQuery query, HttpServletRequest request, HttpServletResponse response)
            throws IOException {
        AttachRequest wanted = new AttachRequest(on(query.stdin()), on(query.stdout()), on(query.stderr()));
        Attachment attachment = sessions.attach(session, wanted);
        StreamResponse.of(request, response)
                .contentType(sessions.spec(session).tty() ? RAW : FRAMES)
                .abandoned(attachment::cancel)
                .duplex(client -> {
                    try {
                        new AttachSession(client, attachment).run();
                    } finally {
                        attachment.cancel();
                    }
                });
    }

    private void replay(ContainerSpec spec, LogQuery past, OutputStream output)
            throws IOException, InterruptedException {
        if (!spec.log().driver().equals("none")) {
            containers.log(spec.id()).read(past, spec.process().tty(), output);
        }
    }

    /** Which part of the log; flags are 0 or 1, and 0 when they are left out. */
    record LogsQuery(
            @Nullable Boolean stdout,
            @Nullable Boolean stderr,
            @Nullable Boolean follow,
            @Nullable Boolean timestamps,
            @Nullable Boolean details,
            @Nullable String since,
            @Nullable String until,
            @Nullable String tail) {}

    /** GET /agent/containers/{id}/logs: see {@code AgentPaths.logs}. */
    @GetMapping("/agent/containers/{id}/logs")
    void logs(@PathVariable ContainerId id, LogsQuery asked, HttpServletRequest request, HttpServletResponse response)
            throws IOException {
        ContainerSpec spec = containers.spec(id);
        if (spec.log().driver().equals("none")) {
            throw new Failure.NotImplemented("configured logging driver does not support reading");
        }
        LogQuery query = new LogQuery(
                on(asked.stdout()),
                on(asked.stderr()),
                on(asked.follow()),
                on(asked.timestamps()),
                on(asked.details()),
                LogQuery.time("since", asked.since()),
                LogQuery.time("until", asked.until()),
                LogQuery.tail(asked.tail()));
        LogReader log = containers.log(id);
        StreamResponse.of(request, response)
                .contentType(type(spec))
                .output(output -> log.read(query, spec.process().tty(), output));
    }

    private static boolean on(@Nullable Boolean flag) {
        return Boolean.TRUE.equals(flag);
    }

    private static String type(ContainerSpec spec) {
        return spec.process().tty() ? RAW : FRAMES;
    }
}
