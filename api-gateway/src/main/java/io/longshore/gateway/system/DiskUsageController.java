package io.longshore.gateway.system;

import io.longshore.contracts.Caller;
import io.longshore.contracts.error.Failure;
import io.longshore.platform.engine.ApiVersion;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** {@code GET /system/df} (Engine API, SystemDataUsage). */
@RestController
final class DiskUsageController {
    /** The minor version that brought the choice of types. */
    private static final int WITH_TYPES = 42;

    private final DiskUsage usage;

    DiskUsageController(DiskUsage usage) {
        this.usage = usage;
    }

    @GetMapping("/system/df")
    Map<String, @Nullable Object> usage(
            Caller caller,
            @RequestParam(name = "type", required = false) @Nullable List<String> types,
            @RequestHeader(name = Caller.API_VERSION_HEADER, required = false) @Nullable String header) {
        ApiVersion version = ApiVersion.parse(header);
        List<String> asked = types == null || !version.atLeast(WITH_TYPES) ? List.of() : types;
        return usage.of(caller, version, asked.isEmpty() ? EnumSet.allOf(DiskUsage.Type.class) : parse(asked));
    }

    private static Set<DiskUsage.Type> parse(List<String> names) {
        Set<DiskUsage.Type> types = EnumSet.noneOf(DiskUsage.Type.class);
        for (String name : names) {
            switch (name) {
                case "container" -> types.add(DiskUsage.Type.CONTAINER);
                case "image" -> types.add(DiskUsage.Type.IMAGE);
                case "volume" -> types.add(DiskUsage.Type.VOLUME);
                case "build-cache" -> types.add(DiskUsage.Type.BUILD_CACHE);
                default -> throw new Failure.Invalid("unknown object type: " + name);
            }
        }
        return types;
    }
}
