package io.longshore.fleet;

import java.util.List;
import java.util.Optional;
import org.springframework.data.repository.Repository;

interface NodeRepository extends Repository<NodeRow, String> {
    NodeRow save(NodeRow row);

    Optional<NodeRow> findById(String id);

    List<NodeRow> findAll();

    void deleteById(String id);
}
