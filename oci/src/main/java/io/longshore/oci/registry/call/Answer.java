package io.longshore.oci.registry.call;

import java.io.Closeable;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.util.Arrays;
import java.util.List;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.Header;
import org.apache.hc.core5.http.HttpEntity;
import org.jspecify.annotations.Nullable;

/** What a registry answered. For one thread. */
public final class Answer implements Closeable {
    private final ClassicHttpResponse response;
    private final URI from;
    private final Deadline deadline;
    private final Runnable abort;
    private boolean taken;

    /**
     * @param deadline for all that is read but {@link #content}, which whoever reads it watches over
     * @param abort ends the connection, unless the answer has been read to its end
     */
    Answer(ClassicHttpResponse response, URI from, Deadline deadline, Runnable abort) {
        this.deadline = deadline;
        this.abort = abort;
        this.response = response;
        this.from = from;
    }

    /** The status. */
    public int status() {
        return response.getCode();
    }

    /** The URL that answered. */
    public URI from() {
        return from;
    }

    /** A header's first value, or null. */
    public @Nullable String header(String name) {
        Header header = response.getFirstHeader(name);
        return header == null ? null : header.getValue();
    }

    List<String> headers(String name) {
        return Arrays.stream(response.getHeaders(name)).map(Header::getValue).toList();
    }

    /** The body whole; an {@link IOException} when it is longer. */
    public byte[] bytes(int limit) throws IOException {
        HttpEntity entity = response.getEntity();
        if (entity == null) {
            return new byte[0];
        }
        byte[] bytes;
        try {
            bytes = entity.getContent().readNBytes(limit + 1);
        } catch (IOException e) {
            throw deadline.said(e);
        }
        if (bytes.length > limit) {
            throw new TooLong(from + " answered with more than " + limit + " bytes");
        }
        return bytes;
    }

    /** An answer that is longer than it may be. */
    public static final class TooLong extends IOException {
        TooLong(String message) {
            super(message);
        }
    }

    /** The body as it comes, which is then the caller's to close; that ends the connection if there is more to come. */
    public InputStream content() throws IOException {
        taken = true;
        deadline.close();
        HttpEntity entity = response.getEntity();
        InputStream in = entity == null ? InputStream.nullInputStream() : entity.getContent();
        return new FilterInputStream(in) {
            @Override
            public int read(byte[] buffer, int offset, int length) throws IOException {
                return in.read(buffer, offset, length);
            }

            @Override
            public void close() {
                end();
            }
        };
    }

    /** Ends it, unless its content was taken: then that is to be closed. */
    @Override
    public void close() {
        if (!taken) {
            end();
        }
    }

    /** The connection first: closing an answer reads the rest of it, which a hostile registry lets go on for ever. */
    private void end() {
        deadline.close();
        abort.run();
        try {
            response.close();
        } catch (IOException e) {
            // Of a connection that is closed there is nothing to read.
        }
    }
}
