package io.longshore.platform.web;

import org.springframework.stereotype.Controller;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.ResponseBody;

/** {@code GET /internal/health}: answers once the part has started, for launchers and load balancers. */
@Controller
final class HealthController {
    record Health(String status) {}

    @GetMapping("/internal/health")
    @ResponseBody
    Health health() {
        return new Health("ok");
    }
}
