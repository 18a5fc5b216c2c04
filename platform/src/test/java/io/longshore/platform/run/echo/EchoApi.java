package io.longshore.platform.run.echo;

import io.longshore.contracts.Caller;
import io.longshore.contracts.id.ContainerId;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.service.annotation.GetExchange;
import org.springframework.web.service.annotation.PostExchange;

/** A contract for tests of the kit. */
public interface EchoApi {
    record Thing(
            ContainerId id, String name, int size, @Nullable List<String> tags) {}

    @PostExchange("/internal/echo/{id}")
    Thing echo(
            Caller caller,
            @PathVariable ContainerId id,
            @RequestParam(required = false) @Nullable String suffix,
            @RequestBody Thing thing);

    @GetExchange("/internal/fail")
    void fail(Caller caller, @RequestParam String kind, @RequestParam String message);

    @GetExchange("/internal/slow")
    String slow(Caller caller, @RequestParam long millis);

    @GetExchange("/internal/caller")
    Caller caller(Caller caller);
}
