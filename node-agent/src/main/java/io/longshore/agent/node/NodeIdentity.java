package io.longshore.agent.node;

import io.longshore.contracts.error.Failure;
import io.longshore.contracts.id.NodeId;
import io.longshore.platform.file.DurableFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/** The node's identity, which it was given when it joined, or chosen at random at the agent's first start; kept in its work directory. */
public final class NodeIdentity {
    private NodeIdentity() {}

    /**
     * Reads the identity, or makes one. {@code INTERNAL} when the file holds something else; {@code CONFLICT} when it is not {@code joined}.
     *
     * @param joined what the node is in the fleet that it joined, null if it was not asked to
     */
    public static NodeId of(Path file, @Nullable NodeId joined) {
        try {
            NodeId found = NodeId.parse(Files.readString(file).strip());
            if (joined != null && !found.equals(joined)) {
                throw new Failure.Conflict(
                        "this work directory is of node " + found + ", and this machine has joined as"
                                + " node " + joined + ": what was made for one is not for the other; remove " + file
                                + " only if nothing of it is wanted");
            }
            return found;
        } catch (NoSuchFileException e) {
            return make(file, joined);
        } catch (IOException | Failure.Invalid e) {
            throw new Failure.Internal(
                    "cannot read this node's identity from " + file + ": " + e.getMessage()
                            + "; restore the file, or remove it to join as a new node",
                    e);
        }
    }

    private static NodeId make(Path file, @Nullable NodeId joined) {
        byte[] random = new byte[16];
        new SecureRandom().nextBytes(random);
        NodeId id = joined == null ? NodeId.parse(HexFormat.of().formatHex(random)) : joined;
        try {
            DurableFile.write(file, (id + "\n").getBytes(StandardCharsets.US_ASCII));
            return id;
        } catch (IOException e) {
            throw new Failure.Internal("cannot keep this node's identity in " + file + ": " + e.getMessage(), e);
        }
    }
}
