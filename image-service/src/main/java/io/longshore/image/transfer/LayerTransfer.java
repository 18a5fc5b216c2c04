package io.longshore.image.transfer;

import io.longshore.contracts.Caller;
import io.longshore.contracts.agent.Transfer;
import io.longshore.contracts.error.Failure;
import io.longshore.contracts.stream.ByteStream;
import io.longshore.image.node.NodeAgents;
import io.longshore.platform.stream.StreamRequest;
import io.longshore.platform.web.Json;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import tools.jackson.core.JacksonException;

/** Has an agent move layers, and passes on what it tells meanwhile. */
public final class LayerTransfer {
    private LayerTransfer() {}

    /** Takes what an agent tells meanwhile. */
    @FunctionalInterface
    public interface Steps {
        /** A step of a layer; what it throws ends the transfer. */
        void step(Transfer news) throws IOException;
    }

    /** Asks; the last line, which says how it ended. A failure that it names is thrown. It takes as long as it takes. */
    public static Transfer run(Caller caller, NodeAgents.Agent agent, String path, Object request, Steps steps)
            throws IOException {
        try (ByteStream stream =
                agent.streams().download(caller, StreamRequest.post(path).body(request))) {
            return followed(stream, steps);
        }
    }

    /** As {@link #run}, ended at the caller's deadline; nobody is told of steps. */
    public static Transfer within(Caller caller, NodeAgents.Agent agent, String path, Object request) {
        try (ByteStream stream =
                agent.streams().download(caller, StreamRequest.post(path).body(request))) {
            try (TimeLimit limit = new TimeLimit(caller, stream::close)) {
                try {
                    return followed(stream, news -> {});
                } catch (IOException e) {
                    throw limit.of(new Failure.Unavailable(
                            "node " + agent.name() + " went away in the middle of a transfer; try again", e));
                } catch (Failure e) {
                    throw limit.of(e);
                }
            }
        }
    }

    private static Transfer followed(ByteStream stream, Steps steps) throws IOException {
        BufferedReader reader = new BufferedReader(new InputStreamReader(stream.input(), StandardCharsets.UTF_8));
        try {
            for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                Transfer news = Json.mapper().readValue(line, Transfer.class);
                if (news.error() != null) {
                    throw news.error().failure(String.valueOf(news.message()));
                }
                if (news.step() == null) {
                    return news;
                }
                steps.step(news);
            }
        } catch (JacksonException e) {
            throw new Failure.Internal("the agent told of a transfer what is not understood: " + Json.problem(e), e);
        }
        throw new Failure.Unavailable("the agent went away in the middle of a transfer; try again");
    }
}
