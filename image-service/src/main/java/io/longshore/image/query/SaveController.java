package io.longshore.image.query;

import io.longshore.contracts.Caller;
import io.longshore.contracts.agent.AgentPaths;
import io.longshore.contracts.agent.SaveRequest;
import io.longshore.contracts.id.Digest;
import io.longshore.contracts.stream.ByteStream;
import io.longshore.image.place.Holders;
import io.longshore.image.store.OnePlatform;
import io.longshore.platform.stream.Relay;
import io.longshore.platform.stream.StreamRequest;
import io.longshore.platform.stream.StreamResponse;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/** Images as an archive (Engine API: ImageGet, ImageGetAll). */
@RestController
class SaveController {
    private final ImageSave save;
    private final Holders holders;

    SaveController(ImageSave save, Holders holders) {
        this.save = save;
        this.holders = holders;
    }

    /** GET /images/get?names=: several images in one archive; names may be repeated, or separated by commas. */
    @GetMapping("/images/get")
    void all(Caller caller, HttpServletRequest request, HttpServletResponse response) throws IOException {
        String[] names = request.getParameterValues("names");
        List<String> all = names == null
                ? List.of()
                : Arrays.stream(names)
                        .flatMap(name -> Arrays.stream(name.split(",")))
                        .filter(name -> !name.isBlank())
                        .toList();
        write(caller, all, request, response);
    }

    /** The archive of these images, as an answer. */
    void write(Caller caller, List<String> names, HttpServletRequest request, HttpServletResponse response)
            throws IOException {
        OnePlatform.refuse("platform", request.getParameterValues("platform"));
        SaveRequest wanted = save.find(caller.project(), names);
        List<Digest> images = wanted.images().stream().map(SaveRequest.Item::id).toList();
        ByteStream archive = holders.of(caller, images)
                .streams()
                .download(caller, StreamRequest.post(AgentPaths.SAVE).body(wanted));
        StreamResponse.of(request, response)
                .contentType("application/x-tar")
                .abandoned(archive::close)
                .output(output -> {
                    try (archive) {
                        Relay.copy(archive.input(), output);
                    }
                });
    }
}
