package io.longshore.container.archive;

import io.longshore.contracts.Caller;
import io.longshore.contracts.agent.PathStat;
import io.longshore.contracts.error.Failure;
import io.longshore.contracts.stream.ByteStream;
import io.longshore.platform.engine.PathStatHeader;
import io.longshore.platform.stream.StreamClient;
import io.longshore.platform.stream.StreamResponse;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestMethod;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** The files of containers as the Engine API has them (ContainerArchive, ContainerExport, ContainerChanges). */
@RestController
class ArchiveController {
    private static final String TAR = "application/x-tar";

    private final Files files;

    ArchiveController(Files files) {
        this.files = files;
    }

    /** HEAD /containers/{id}/archive. */
    @RequestMapping(path = "/containers/{id}/archive", method = RequestMethod.HEAD)
    void stat(
            Caller caller,
            @PathVariable String id,
            @RequestParam(required = false) @Nullable String path,
            HttpServletResponse response) {
        PathStat stat = files.stat(caller, id, required(path));
        response.setHeader(PathStat.HEADER, PathStatHeader.of(stat));
    }

    /** GET /containers/{id}/archive. */
    @GetMapping("/containers/{id}/archive")
    void get(
            Caller caller,
            @PathVariable String id,
            @RequestParam(required = false) @Nullable String path,
            HttpServletRequest request,
            HttpServletResponse response)
            throws IOException {
        StreamClient.Answer answer = files.archive(caller, id, required(path));
        String stat = answer.head().header(PathStat.HEADER);
        StreamResponse out = StreamResponse.of(request, response).contentType(TAR);
        pass(stat == null ? out : out.header(PathStat.HEADER, stat), answer.stream());
    }

    /** PUT /containers/{id}/archive. */
    @PutMapping("/containers/{id}/archive")
    void put(
            Caller caller,
            @PathVariable String id,
            @RequestParam(required = false) @Nullable String path,
            @RequestParam(defaultValue = "false") boolean noOverwriteDirNonDir,
            @RequestParam(defaultValue = "false") boolean copyUIDGID,
            HttpServletRequest request)
            throws IOException {
        Files.Target target = new Files.Target(required(path), noOverwriteDirNonDir, copyUIDGID);
        files.extract(caller, id, target, request.getInputStream());
    }

    /** GET /containers/{id}/export. */
    @GetMapping("/containers/{id}/export")
    void export(Caller caller, @PathVariable String id, HttpServletRequest request, HttpServletResponse response)
            throws IOException {
        ByteStream stream = files.export(caller, id);
        pass(StreamResponse.of(request, response).contentType("application/octet-stream"), stream);
    }

    /** GET /containers/{id}/changes. */
    @GetMapping("/containers/{id}/changes")
    void changes(Caller caller, @PathVariable String id, HttpServletRequest request, HttpServletResponse response)
            throws IOException {
        ByteStream stream = files.changes(caller, id);
        pass(StreamResponse.of(request, response).contentType("application/json"), stream);
    }

    private static void pass(StreamResponse response, ByteStream stream) throws IOException {
        response.abandoned(stream::close).output(output -> {
            try (stream) {
                stream.input().transferTo(output);
            }
        });
    }

    private static String required(@Nullable String path) {
        if (path == null || path.isEmpty()) {
            throw new Failure.Invalid("bad parameter: path is required");
        }
        return path;
    }
}
