package io.longshore.oci.registry;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;

/**
 * A blob's bytes as they come, not checked yet.
 *
 * @param offset of the first of them in the blob: what was asked for, or 0 when the registry gives it whole only
 * @param content to be closed, which ends the transfer
 */
public record RemoteBlob(long offset, InputStream content) implements Closeable {
    @Override
    public void close() throws IOException {
        content.close();
    }
}
