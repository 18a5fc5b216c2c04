package io.longshore.container.state;

import io.longshore.contracts.id.ContainerId;
import java.time.Duration;
import java.util.UUID;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;

/** The table {@code restart}: what is being restarted, for the other replicas. */
@Repository
public class Restarts {
    private final JdbcClient jdbc;

    Restarts(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    /** One has begun, and is over after {@code atMost} in any case; its id. What others have left goes. */
    public String begin(ContainerId container, Duration atMost) {
        String id = UUID.randomUUID().toString();
        jdbc.sql("with over as (delete from restart where until < now())"
                        + " insert into restart (id, container, until)"
                        + " values (:id, :container, now() + :most * interval '1 second')")
                .param("id", id)
                .param("container", container.value())
                .param("most", atMost.toSeconds())
                .update();
        return id;
    }

    /** It is over. */
    public void end(String id) {
        jdbc.sql("delete from restart where id = :id").param("id", id).update();
    }
}
