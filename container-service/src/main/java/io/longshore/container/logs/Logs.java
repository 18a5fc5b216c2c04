package io.longshore.container.logs;

import io.longshore.container.placement.Agents;
import io.longshore.container.state.ContainerRow;
import io.longshore.container.state.ContainerStore;
import io.longshore.contracts.Caller;
import io.longshore.contracts.agent.AgentPaths;
import io.longshore.contracts.agent.ContainerSpec;
import io.longshore.contracts.error.Failure;
import io.longshore.contracts.stream.ByteStream;
import io.longshore.platform.stream.StreamRequest;
import java.io.InputStream;
import java.util.Map;
import org.springframework.stereotype.Component;

/** Opens a container's log on its node. */
@Component
class Logs {
    private final ContainerStore store;
    private final Agents agents;

    Logs(ContainerStore store, Agents agents) {
        this.store = store;
        this.agents = agents;
    }

    /** The stream, and whether it is raw, as a terminal's, or in frames. */
    record Opened(ByteStream stream, boolean raw) {}

    Opened open(Caller caller, String reference, Map<String, Object> query) {
        ContainerRow row = store.find(caller.project(), reference);
        ContainerSpec spec = row.resolved();
        if (spec.log().driver().equals("none")) {
            throw new Failure.NotImplemented("configured logging driver does not support reading");
        }
        boolean raw = spec.process().tty();
        StreamRequest request = StreamRequest.get(AgentPaths.logs(row.id())).query(query);
        try {
            return new Opened(agents.streams(row.node()).download(caller, request), raw);
        } catch (Failure.NotFound e) {
            return new Opened(nothing(), raw);
        }
    }

    /** A container that was never started, or whose node no longer has it, has written nothing. */
    private static ByteStream nothing() {
        return new ByteStream() {
            @Override
            public InputStream input() {
                return InputStream.nullInputStream();
            }

            @Override
            public void close() {
                // There is nothing behind it.
            }
        };
    }
}
