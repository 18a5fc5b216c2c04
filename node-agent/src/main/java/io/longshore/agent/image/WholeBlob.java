package io.longshore.agent.image;

import io.longshore.oci.layer.Decompression;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;

/**
 * A blob's plain bytes, whose end is seen only when the blob itself has ended well: a decoder stops where its format does, be there more or
 * not, while whether the blob is what it should be is known at its own end. Not thread-safe.
 */
final class WholeBlob extends FilterInputStream {
    private final InputStream blob;

    /** @param blob perhaps compressed; closed with this */
    WholeBlob(InputStream blob) throws IOException {
        super(Decompression.open(blob));
        this.blob = blob;
    }

    @Override
    public int read() throws IOException {
        int octet = in.read();
        if (octet < 0) {
            blob.transferTo(OutputStream.nullOutputStream());
        }
        return octet;
    }

    @Override
    public int read(byte[] buffer, int offset, int length) throws IOException {
        int count = in.read(buffer, offset, length);
        if (count < 0) {
            blob.transferTo(OutputStream.nullOutputStream());
        }
        return count;
    }
}
