package io.longshore.image.query;

import io.longshore.contracts.Caller;
import io.longshore.contracts.error.Failure;
import io.longshore.image.store.ImageName;
import io.longshore.image.store.OnePlatform;
import io.longshore.platform.engine.ApiVersion;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** What is told of images (Engine API: ImageList, ImageInspect, ImageHistory). A name may have slashes in it. */
@RestController
class QueryController {
    private static final String INSPECT = "/json";
    private static final String HISTORY = "/history";
    private static final String SAVE = "/get";

    private final ImageList list;
    private final ImageInspection inspection;
    private final SaveController save;

    QueryController(ImageList list, ImageInspection inspection, SaveController save) {
        this.save = save;
        this.list = list;
        this.inspection = inspection;
    }

    @GetMapping("/images/json")
    List<Map<String, @Nullable Object>> list(
            Caller caller,
            @RequestParam(required = false) @Nullable String filters,
            @RequestParam(name = "shared-size", defaultValue = "false") Boolean sharedSize,
            @RequestHeader(name = Caller.API_VERSION_HEADER, required = false) @Nullable String version,
            HttpServletRequest request) {
        refuseForms(request);
        return list.list(caller.project(), filters, sharedSize, ApiVersion.parse(version));
    }

    private static void refuseForms(HttpServletRequest request) {
        OnePlatform.refuse("platform", request.getParameterValues("platform"));
        OnePlatform.refuse("manifests", request.getParameterValues("manifests"));
    }

    @GetMapping("/images/{*path}")
    @Nullable
    Object one(
            Caller caller,
            @PathVariable String path,
            @RequestHeader(name = Caller.API_VERSION_HEADER, required = false) @Nullable String version,
            HttpServletRequest request,
            HttpServletResponse response)
            throws IOException {
        if (path.endsWith(SAVE) && path.length() > SAVE.length() + 1) {
            save.write(caller, List.of(path.substring(1, path.length() - SAVE.length())), request, response);
            return null;
        }
        refuseForms(request);
        if (path.endsWith(INSPECT) && path.length() > INSPECT.length() + 1) {
            ImageName name = ImageName.parse(path.substring(1, path.length() - INSPECT.length()));
            return inspection.inspect(caller.project(), name, ApiVersion.parse(version));
        }
        if (path.endsWith(HISTORY) && path.length() > HISTORY.length() + 1) {
            return inspection.history(
                    caller.project(), ImageName.parse(path.substring(1, path.length() - HISTORY.length())));
        }
        throw new Failure.NotFound("page not found");
    }
}
