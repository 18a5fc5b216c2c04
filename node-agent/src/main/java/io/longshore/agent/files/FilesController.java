package io.longshore.agent.files;

import io.longshore.agent.graphdriver.ChangeListener;
import io.longshore.contracts.Caller;
import io.longshore.contracts.agent.AgentFilesApi;
import io.longshore.contracts.agent.LoadedImage.LoadedLayer;
import io.longshore.contracts.agent.PathStat;
import io.longshore.contracts.id.ContainerId;
import io.longshore.platform.engine.PathStatHeader;
import io.longshore.platform.stream.StreamResponse;
import io.longshore.platform.web.Json;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** The files of containers: see {@link AgentFilesApi} and {@code AgentPaths}. */
@RestController
final class FilesController implements AgentFilesApi {
    private static final String TAR = "application/x-tar";
    /** Bytes of names that are no UTF-8: see {@code RawPath}. */
    private static final Pattern NO_TEXT = Pattern.compile("[\\x{DC80}-\\x{DCFF}]");

    private static final int BUFFER = 64 << 10;

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
        answer.abandoned(archive::close).output(output -> {
            BufferedOutputStream buffered = new BufferedOutputStream(output, BUFFER);
            archive.writeTo(buffered, caller);
            buffered.flush();
        });
    }

    /** Docker's JSON, one object after the other as they are found. */
    @GetMapping("/agent/containers/{id}/file-changes")
    void changes(Caller caller, @PathVariable ContainerId id, HttpServletRequest request, HttpServletResponse response)
            throws IOException {
        files.require(id);
        StreamResponse.of(request, response).contentType("application/json").output(output -> {
            BufferedOutputStream buffered = new BufferedOutputStream(output, BUFFER);
            ChangeList list = new ChangeList(buffered);
            files.changes(caller, id, list);
            list.end();
            buffered.flush();
        });
    }

    private static final class ChangeList implements ChangeListener {
        private final OutputStream out;
        private char before = '[';

        ChangeList(OutputStream out) {
            this.out = out;
        }

        @Override
        public void changed(Kind kind, String path) throws IOException {
            out.write(before);
            before = ',';
            // As from Go: what is no text in a name is the replacement character.
            String text = NO_TEXT.matcher(path).replaceAll("\uFFFD");
            out.write(Json.bytes(Map.of("Path", text, "Kind", kind.number())));
        }

        void end() throws IOException {
            if (before == '[') {
                out.write('[');
            }
            out.write(']');
        }
    }
}
