package io.longshore.fleet;

import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.springframework.data.repository.Repository;

interface NodeRepository extends Repository<NodeRow, String> {
    /** The row is there for the other statements of the transaction. */
    NodeRow saveAndFlush(NodeRow row);

    Optional<NodeRow> findById(String id);

    List<NodeRow> findByIdIn(Collection<String> ids);

    void deleteById(String id);
}
