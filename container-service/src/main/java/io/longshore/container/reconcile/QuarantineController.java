package io.longshore.container.reconcile;

import io.longshore.contracts.Caller;
import java.util.List;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/** GET /internal/containers/quarantine, for operators. */
@RestController
class QuarantineController {
    private final Quarantine quarantine;

    QuarantineController(Quarantine quarantine) {
        this.quarantine = quarantine;
    }

    @GetMapping("/internal/containers/quarantine")
    List<Quarantine.Held> list(Caller caller) {
        return quarantine.list();
    }
}
