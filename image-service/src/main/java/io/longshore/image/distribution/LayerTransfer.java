package io.longshore.image.distribution;

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
final class LayerTransfer {
    private LayerTransfer() {}

    /** Asks; the last line, which says how it ended. A failure that it names is thrown. */
    static Transfer run(Caller caller, NodeAgents.Agent agent, String path, Object request, ProgressLines lines)
            throws IOException {
        try (ByteStream stream = agent.streams()
                        .download(caller, StreamRequest.post(path).body(request));
                BufferedReader reader =
                        new BufferedReader(new InputStreamReader(stream.input(), StandardCharsets.UTF_8))) {
            for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                Transfer news = Json.mapper().readValue(line, Transfer.class);
                if (news.error() != null) {
                    throw news.error().failure(String.valueOf(news.message()));
                }
                if (news.step() == null) {
                    return news;
                }
                lines.step(news);
            }
        } catch (JacksonException e) {
            throw new Failure.Internal("the agent told of a transfer what is not understood: " + Json.problem(e), e);
        }
        throw new Failure.Unavailable("the agent went away in the middle of a transfer; try again");
    }
}
