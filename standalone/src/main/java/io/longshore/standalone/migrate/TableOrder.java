package io.longshore.standalone.migrate;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** In which order tables are filled, so that each row finds what it refers to. */
final class TableOrder {
    private TableOrder() {}

    /**
     * The tables with those that they refer to before them, else in the given order.
     *
     * @param references by table, to itself left out
     * @throws IllegalArgumentException for tables that refer to each other in a circle
     */
    static List<String> of(Collection<String> tables, Map<String, Set<String>> references) {
        Set<String> ordered = new LinkedHashSet<>();
        List<String> left = new ArrayList<>(tables);
        while (!left.isEmpty()) {
            List<String> ready = left.stream()
                    .filter(table -> ordered.containsAll(references.getOrDefault(table, Set.of())))
                    .toList();
            if (ready.isEmpty()) {
                throw new IllegalArgumentException("the tables " + left + " refer to each other in a circle");
            }
            ordered.addAll(ready);
            left.removeAll(ready);
        }
        return List.copyOf(ordered);
    }
}
