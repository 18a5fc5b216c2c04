package io.longshore.agent.files;

import io.longshore.contracts.Caller;
import io.longshore.contracts.agent.AgentFilesApi;
import io.longshore.contracts.agent.LoadedImage.LoadedLayer;
import io.longshore.contracts.agent.PathStat;
import io.longshore.contracts.id.ContainerId;
import io.longshore.platform.engine.PathStatHeader;
import io.longshore.platform.stream.StreamResponse;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.List;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** The files of containers: see {@link AgentFilesApi} and {@code AgentPaths}. */
@RestController
final class FilesController implements AgentFilesApi {
    private static final String TAR = "application/x-tar";

    private final ContainerFiles files;
    private final LayerCommits commits;

    FilesController(ContainerFiles files, LayerCommits commits) {
        this.files = files;
        this.commits = commits;
    }

    @Override
    public PathStat stat(Caller caller, ContainerId id, String path) {
        return files.stat(caller, id, path);
    }

    @Override
    public List<LoadedLayer> commit(Caller caller, ContainerId id) {
        return commits.commit(caller, id);
    }

    @GetMapping("/agent/containers/{id}/archive")
    void archive(
            Caller caller,
            @PathVariable ContainerId id,
            @RequestParam String path,
            HttpServletRequest request,
            HttpServletResponse response)
            throws IOException {
        ContainerFiles.Copy copy = files.copy(caller, id, path);
        StreamResponse answer = StreamResponse.of(request, response)
                .contentType(TAR)
                .header(PathStat.HEADER, PathStatHeader.of(copy.stat()));
        send(answer, copy.archive(), caller);
    }

    @PutMapping("/agent/containers/{id}/archive")
    void extract(
            Caller caller,
            @PathVariable ContainerId id,
            @RequestParam String path,
            @RequestParam(defaultValue = "false") boolean noOverwriteDirNonDir,
            @RequestParam(defaultValue = "false") boolean copyUIDGID,
            HttpServletRequest request)
            throws IOException {
        files.extract(caller, id, path, noOverwriteDirNonDir, copyUIDGID, request.getInputStream());
    }

    @GetMapping("/agent/containers/{id}/export")
    void export(Caller caller, @PathVariable ContainerId id, HttpServletRequest request, HttpServletResponse response)
            throws IOException {
        ContainerFiles.Archive archive = files.export(caller, id);
        send(StreamResponse.of(request, response).contentType(TAR), archive, caller);
    }

    private static void send(StreamResponse answer, ContainerFiles.Archive archive, Caller caller) throws IOException {
        answer.abandoned(archive::close).output(output -> archive.writeTo(output, caller));
    }

    /** Docker's JSON, one object after the other as they are found. */
    @GetMapping("/agent/containers/{id}/file-changes")
    void changes(Caller caller, @PathVariable ContainerId id, HttpServletRequest request, HttpServletResponse response)
            throws IOException {
        files.require(id);
        StreamResponse.of(request, response)
                .contentType("application/json")
                .output(output -> files.changes(caller, id, output));
    }
}
