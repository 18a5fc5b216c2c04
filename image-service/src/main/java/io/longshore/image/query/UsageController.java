package io.longshore.image.query;

import io.longshore.contracts.Caller;
import io.longshore.contracts.image.ImageUsage;
import io.longshore.contracts.image.ImageUsageApi;
import io.longshore.platform.engine.ApiVersion;
import org.springframework.web.bind.annotation.RestController;

/** What images take, for GET /system/df. */
@RestController
class UsageController implements ImageUsageApi {
    private final ImageList list;

    UsageController(ImageList list) {
        this.list = list;
    }

    @Override
    public ImageUsage usage(Caller caller, String version) {
        return list.usage(caller.project(), ApiVersion.parse(version));
    }
}
