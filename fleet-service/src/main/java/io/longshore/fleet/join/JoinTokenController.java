package io.longshore.fleet.join;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.longshore.contracts.Caller;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

/** The tokens that let machines into the fleet (Longshore's own API). */
@RestController
@RequestMapping("/api/v1/join-tokens")
class JoinTokenController {
    private static final Duration LIFETIME = Duration.ofHours(1);

    private final JoinTokens tokens;

    JoinTokenController(JoinTokens tokens) {
        this.tokens = tokens;
    }

    /**
     * What is asked for.
     *
     * @param expiresInSeconds 60 to 2,592,000; an hour if it is not given
     * @param uses how many machines it lets in, 1 to 10,000; one if it is not given, 0 for any number
     */
    record Wish(@Nullable Long expiresInSeconds, @Nullable Integer uses) {}

    /**
     * What is told of a token.
     *
     * @param token itself, in the answer to its making alone
     * @param usesLeft null for any number
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Told(
            String id,
            @Nullable String token,
            Instant created,
            String createdBy,
            Instant expires,
            @Nullable Integer usesLeft) {
        static Told of(JoinTokenRow row, @Nullable String token) {
            return new Told(row.id(), token, row.created(), row.createdBy(), row.expires(), row.usesLeft());
        }
    }

    /** GET /api/v1/join-tokens: those that have not expired. */
    @GetMapping
    List<Told> list(Caller caller) {
        return tokens.list().stream().map(row -> Told.of(row, null)).toList();
    }

    /** POST /api/v1/join-tokens. */
    @PostMapping
    @ResponseStatus(HttpStatus.CREATED)
    Told make(Caller caller, @RequestBody Wish wish) {
        Duration lifetime = wish.expiresInSeconds == null ? LIFETIME : Duration.ofSeconds(wish.expiresInSeconds);
        Integer uses = wish.uses == null ? Integer.valueOf(1) : wish.uses;
        JoinTokens.Made made = tokens.make(caller, lifetime, uses == 0 ? null : uses);
        return Told.of(made.row(), made.token().text());
    }

    /** DELETE /api/v1/join-tokens/{id}. */
    @DeleteMapping("/{id}")
    @ResponseStatus(HttpStatus.NO_CONTENT)
    void remove(Caller caller, @PathVariable String id) {
        tokens.remove(id);
    }
}
