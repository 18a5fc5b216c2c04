package io.longshore.container.state;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** Which sessions run in a container, for inspect, which knows of no session more than that. Thread-safe. */
@Component
public class RunningSessions {
    private final JdbcClient jdbc;

    RunningSessions(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    /** Their ids, oldest first; null for none, as the Engine API has it. */
    public @Nullable List<String> of(ContainerRow container) {
        if (!container.state().hasProcess()) {
            return null;
        }
        List<String> ids = jdbc.sql(
                        "select id from exec where container_id = :id and state = 'RUNNING' order by created")
                .param("id", container.id().value())
                .query((row, index) -> row.getString("id"))
                .list();
        return ids.isEmpty() ? null : ids;
    }
}
