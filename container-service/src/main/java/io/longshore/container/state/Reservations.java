package io.longshore.container.state;

import io.longshore.container.placement.Loads;
import io.longshore.container.placement.Reservation;
import io.longshore.contracts.id.NodeId;
import org.springframework.jdbc.core.simple.JdbcClient;

/** Whether a node still has what is to be reserved, under a lock that ends with the transaction: nobody else reserves there meanwhile. */
public final class Reservations {
    /** The first of the two numbers of an advisory lock: locks of this kind. */
    private static final int KIND = 0x6e6f6465;

    private Reservations() {}

    /** In the transaction that will write the row; {@link NodeFull} if not. */
    public static void check(JdbcClient jdbc, NodeId node, Reserving reserving) {
        jdbc.sql("select pg_advisory_xact_lock(:kind, hashtext(:node))")
                .param("kind", KIND)
                .param("node", node.value())
                .query((row, index) -> index)
                .list();
        Reservation wanted = reserving.reservation();
        if (reserving.isMeasured()) {
            measured(jdbc, node, reserving);
        }
        if (reserving.onlyFreePorts() && !wanted.hostPorts().isEmpty()) {
            boolean taken = jdbc.sql("""
                            select exists (select from %s
                                           where node = :node and host_ports <> '{}' and host_ports && cast(:ports as text[]))""".formatted(Loads.RESERVED))
                    .param("node", node.value())
                    .param("ports", wanted.hostPorts().toArray(String[]::new))
                    .query(Boolean.class)
                    .single();
            if (taken) {
                throw new NodeFull("another container of node " + node + " names one of the ports", true);
            }
        }
    }

    private static void measured(JdbcClient jdbc, NodeId node, Reserving reserving) {
        Reservation wanted = reserving.reservation();
        boolean fits = jdbc.sql("""
                        select (:cpu = 0 or coalesce(sum(cpu_nanos), 0) + :cpu <= :allCpu)
                           and (:memory = 0 or coalesce(sum(memory_bytes), 0) + :memory <= :allMemory)
                        from %s where node = :node and (cpu_nanos > 0 or memory_bytes > 0)""".formatted(Loads.RESERVED))
                .param("cpu", wanted.cpuNanos())
                .param("allCpu", reserving.cpuNanos())
                .param("memory", wanted.memoryBytes())
                .param("allMemory", reserving.memoryBytes())
                .param("node", node.value())
                .query(Boolean.class)
                .single();
        if (!fits) {
            throw new NodeFull("node " + node + " has no longer what is to be reserved", false);
        }
    }
}
