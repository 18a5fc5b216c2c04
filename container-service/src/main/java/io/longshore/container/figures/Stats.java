package io.longshore.container.figures;

import io.longshore.container.placement.Agents;
import io.longshore.container.state.ContainerRow;
import io.longshore.container.state.ContainerState;
import io.longshore.container.state.ContainerStore;
import io.longshore.contracts.Caller;
import io.longshore.contracts.agent.AgentPaths;
import io.longshore.contracts.agent.Sample;
import io.longshore.contracts.agent.Tick;
import io.longshore.contracts.error.Failure;
import io.longshore.contracts.stream.ByteStream;
import io.longshore.platform.stream.StreamRequest;
import io.longshore.platform.web.Json;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.MappingIterator;

/** Reads containers' figures from their agents. Thread-safe. */
@Component
class Stats {
    private static final Duration EVERY = Duration.ofSeconds(1);
    /** Of one look at the agent, whose head comes at once. */
    private static final Duration LOOK = Duration.ofSeconds(10);

    private final ContainerStore store;
    private final Agents agents;

    Stats(ContainerStore store, Agents agents) {
        this.store = store;
        this.agents = agents;
    }

    /** The container's row; {@link Failure.NotFound}. */
    ContainerRow find(Caller caller, String reference) {
        return store.find(caller.project(), reference);
    }

    /**
     * One object.
     *
     * @param single whether as it is now; else with what was used a second before it
     */
    Map<String, @Nullable Object> once(Caller caller, ContainerRow row, boolean single) {
        Sample before = null;
        Sample now = null;
        try (ByteStream stream = open(caller, row, single ? 1 : 2)) {
            MappingIterator<Tick> ticks = ticks(stream);
            for (Tick tick = next(ticks); tick != null; tick = next(ticks)) {
                before = now;
                now = tick.sample();
            }
        } catch (Failure.NotFound e) {
            now = null; // Never started, so the agent has not heard of it; or gone.
        } catch (IOException e) {
            throw new Failure.Unavailable(
                    "cannot read the figures of container " + row.id() + ": " + e.getMessage(), e);
        }
        return StatsAnswer.of(row.id().value(), row.name(), now, now == null ? null : before);
    }

    /** Writes an object every second, also while the container does not run, until it is removed. */
    void follow(ContainerRow first, OutputStream output) throws IOException, InterruptedException {
        Told told = new Told(output);
        ContainerRow row = first;
        while (row != null && row.state() != ContainerState.REMOVING) {
            Caller own = Agents.own(row.project(), LOOK);
            try (ByteStream stream = open(own, row, 0)) {
                MappingIterator<Tick> ticks = ticks(stream);
                for (Tick tick = next(ticks); tick != null; tick = next(ticks)) {
                    told.tell(row, tick.sample());
                }
            } catch (Failure.NotFound e) {
                told.tell(row, null); // Never started, so the agent has not heard of it.
            }
            row = store.byId(first.id()).orElse(null);
            if (row != null) {
                Thread.sleep(EVERY);
            }
        }
    }

    private ByteStream open(Caller caller, ContainerRow row, int count) {
        StreamRequest request = StreamRequest.get(AgentPaths.stats(row.id())).query("count", count);
        return agents.streams(row.node()).download(caller, request);
    }

    private static MappingIterator<Tick> ticks(ByteStream stream) {
        return Json.mapper().readerFor(Tick.class).readValues(stream.input());
    }

    /** Null at the end. That the client or the agent goes away is nothing worse here than it is with other streams. */
    private static @Nullable Tick next(MappingIterator<Tick> ticks) throws IOException {
        try {
            return ticks.hasNextValue() ? ticks.nextValue() : null;
        } catch (JacksonException e) {
            throw new IOException("the agent's stream ends early: " + e.getOriginalMessage(), e);
        }
    }

    /** A stream of objects, each of which has what was used at the one before. */
    private static final class Told {
        private final OutputStream output;
        private @Nullable Sample before;

        Told(OutputStream output) {
            this.output = output;
        }

        void tell(ContainerRow row, @Nullable Sample now) throws IOException {
            String line =
                    Json.mapper().writeValueAsString(StatsAnswer.of(row.id().value(), row.name(), now, before)) + "\n";
            output.write(line.getBytes(StandardCharsets.UTF_8));
            before = now;
        }
    }
}
