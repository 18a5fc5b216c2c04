package io.longshore.container.list;

import io.longshore.contracts.Caller;
import io.longshore.contracts.container.ContainerApi;
import io.longshore.contracts.container.ContainerCounts;
import io.longshore.platform.engine.ApiVersion;
import jakarta.servlet.http.HttpServletResponse;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** GET /containers/json, and what GET /info and GET /system/df need. */
@RestController
class ListController implements ContainerApi {
    private static final Duration MEASURE = Duration.ofSeconds(40);

    private static final int BUFFER = 32 * 1024;

    private final Listing listing;

    ListController(Listing listing) {
        this.listing = listing;
    }

    @GetMapping("/containers/json")
    void list(
            HttpServletResponse response,
            Caller caller,
            @RequestParam(defaultValue = "false") boolean all,
            @RequestParam(defaultValue = "0") int limit,
            @RequestParam(defaultValue = "false") boolean size,
            @RequestParam(required = false) @Nullable String filters,
            @RequestHeader(name = Caller.API_VERSION_HEADER, required = false) @Nullable String version)
            throws IOException {
        Listing.Answer answer =
                listing.answer(caller, new Listing.Query(all, limit, size, filters), ApiVersion.parse(version));
        response.setContentType(MediaType.APPLICATION_JSON_VALUE);
        // Most of it is written in pieces of a few bytes.
        OutputStream out = new BufferedOutputStream(response.getOutputStream(), BUFFER);
        answer.writeTo(out);
        out.flush();
    }

    @Override
    public ContainerCounts count(Caller caller) {
        return listing.count(caller);
    }

    @Override
    public List<Map<String, @Nullable Object>> usage(Caller caller, String version) {
        // What cannot be measured by then is left out, and the rest still comes in time.
        Caller limited = caller.within(MEASURE);
        return listing.list(limited, new Listing.Query(true, 0, true, null), ApiVersion.parse(version));
    }
}
