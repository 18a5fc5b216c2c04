package io.longshore.container.move;

import io.longshore.container.state.NodeFull;
import io.longshore.container.state.Reservations;
import io.longshore.container.state.Reserving;
import io.longshore.contracts.id.ContainerId;
import io.longshore.contracts.id.NodeId;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;
import org.springframework.transaction.support.TransactionTemplate;

/** The table {@code move}. That a container has arrived is written with its row. Thread-safe. */
@Repository
public class Moves {
    /** As many as are ever looked at together: each node has a few at once. */
    private static final int MOST = 1_000;

    private static final String SELECT =
            "select container, project, generation, source, target, resume, arrived, back, begun from move";

    private static final String THIS = " where container = :container and generation = :generation";

    private final JdbcClient jdbc;
    private final TransactionTemplate transactions;

    Moves(JdbcClient jdbc, TransactionTemplate transactions) {
        this.jdbc = jdbc;
        this.transactions = transactions;
    }

    /** Writes that one begins; false when the container is on its way already. {@link NodeFull} says that its target lacks what it reserves. */
    public boolean begin(Move move, Reserving reserving) {
        return Boolean.TRUE.equals(transactions.execute(status -> {
            Reservations.check(jdbc, move.target(), reserving);
            return jdbc.sql(
                                    "insert into move (container, project, generation, source, target,"
                                            + " cpu_nanos, memory_bytes, host_ports) values (:container, :project, :generation,"
                                            + " :source, :target, :cpu, :memory, cast(:ports as text[])) on conflict do nothing")
                            .param("container", move.container().value())
                            .param("project", move.project())
                            .param("generation", move.generation())
                            .param("source", move.source().value())
                            .param("target", move.target().value())
                            .param("cpu", reserving.reservation().cpuNanos())
                            .param("memory", reserving.reservation().memoryBytes())
                            .param("ports", reserving.reservation().hostPorts().toArray(String[]::new))
                            .update()
                    == 1;
        }));
    }

    /** Writes, before it is stopped for its move, that it is to run again; false when it is not on its way any more. */
    public boolean stopping(Move move) {
        return changed(move, "update move set resume = true" + THIS + " and not arrived and not back");
    }

    /** Writes, before anything is taken back, that it goes on no more; false when it has arrived, or is not on its way any more. */
    public boolean takeBack(Move move) {
        return changed(move, "update move set back = true" + THIS + " and not arrived");
    }

    /** A client has stopped it, or it runs again: wherever it is on its way, it is not to be started for that. Nothing to do for one that is not on its way. */
    public void stayStopped(ContainerId container) {
        jdbc.sql("update move set resume = false where container = :container")
                .param("container", container.value())
                .update();
    }

    /** The container's, if it is on its way. */
    public Optional<Move> find(ContainerId container) {
        return jdbc.sql(SELECT + " where container = :container")
                .param("container", container.value())
                .query(Moves::row)
                .optional();
    }

    /** Those of all nodes, the longest first. */
    public List<Move> all() {
        return jdbc.sql(SELECT + " order by begun, container limit :most")
                .param("most", MOST)
                .query(Moves::row)
                .list();
    }

    /** The containers that are leaving a node, or have left it and something there. */
    public Set<ContainerId> from(NodeId source) {
        return Set.copyOf(jdbc.sql("select container from move where source = :source")
                .param("source", source.value())
                .query((row, index) -> ContainerId.parse(row.getString("container")))
                .list());
    }

    /** It is done, or taken back. Nothing to do for one that has ended already. */
    public void end(Move move) {
        changed(move, "delete from move" + THIS);
    }

    private boolean changed(Move move, String statement) {
        return jdbc.sql(statement)
                        .param("container", move.container().value())
                        .param("generation", move.generation())
                        .update()
                == 1;
    }

    private static Move row(ResultSet row, int index) throws SQLException {
        return new Move(
                ContainerId.parse(row.getString("container")),
                row.getString("project"),
                row.getInt("generation"),
                NodeId.parse(row.getString("source")),
                NodeId.parse(row.getString("target")),
                row.getBoolean("resume"),
                row.getBoolean("arrived"),
                row.getBoolean("back"),
                row.getTimestamp("begun").toInstant());
    }
}
