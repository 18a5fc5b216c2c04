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

/** The node's identity, chosen at random at the agent's first start and kept in its work directory. */
public final class NodeIdentity {
    private NodeIdentity() {}

    /** Reads the identity, or makes one; {@code INTERNAL} when the file holds something else. */
    public static NodeId of(Path file) {
        try {
            return NodeId.parse(Files.readString(file).strip());
        } catch (NoSuchFileException e) {
            return make(file);
        } catch (IOException | Failure.Invalid e) {
            throw new Failure.Internal(
                    "cannot read this node's identity from " + file + ": " + e.getMessage()
                            + "; restore the file, or remove it to join as a new node",
                    e);
        }
    }

    private static NodeId make(Path file) {
        byte[] random = new byte[16];
        new SecureRandom().nextBytes(random);
        NodeId id = NodeId.parse(HexFormat.of().formatHex(random));
        try {
            DurableFile.write(file, (id + "\n").getBytes(StandardCharsets.US_ASCII));
            return id;
        } catch (IOException e) {
            throw new Failure.Internal("cannot keep this node's identity in " + file + ": " + e.getMessage(), e);
        }
    }
}
