package io.longshore.agent.execdriver.libcontainer.figures;

import io.longshore.contracts.agent.ProcessTable;
import io.longshore.contracts.error.Failure;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/** Reads what ps(1) printed, keeping a container's processes. Pure. */
final class PsTable {
    /** Of ASCII only: a name may have other spaces in it. */
    private static final Pattern SPACES = Pattern.compile("[ \\t\\x0B\\f\\r]+");

    private PsTable() {}

    /** Lines of threads, which have no process id, go with the process above. What is left over after the last title is one field. */
    static ProcessTable parse(String output, Set<Integer> pids) {
        List<String> lines = output.lines().toList();
        List<String> titles = lines.isEmpty() ? List.of() : fields(lines.getFirst());
        int column = titles.indexOf("PID");
        if (column < 0) {
            throw new Failure.Internal("Couldn't find PID field in ps output");
        }
        List<List<String>> processes = new ArrayList<>();
        boolean mine = false;
        for (String line : lines.subList(1, lines.size())) {
            List<String> fields = fields(line);
            if (fields.size() <= column) {
                continue;
            }
            String pid = fields.get(column);
            if (!pid.equals("-")) {
                mine = pids.contains(number(pid));
            }
            if (mine) {
                processes.add(row(fields, titles.size()));
            }
        }
        return new ProcessTable(titles, processes);
    }

    private static int number(String pid) {
        try {
            return Integer.parseInt(pid);
        } catch (NumberFormatException e) {
            throw new Failure.Internal("Unexpected pid '" + pid + "': it is no number", e);
        }
    }

    private static List<String> fields(String line) {
        return Arrays.stream(SPACES.split(line))
                .filter(field -> !field.isEmpty())
                .toList();
    }

    private static List<String> row(List<String> fields, int size) {
        if (fields.size() <= size) {
            return fields;
        }
        List<String> row = new ArrayList<>(fields.subList(0, size - 1));
        row.add(String.join(" ", fields.subList(size - 1, fields.size())));
        return row;
    }
}
