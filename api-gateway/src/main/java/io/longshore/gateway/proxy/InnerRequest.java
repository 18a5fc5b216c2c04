package io.longshore.gateway.proxy;

import io.longshore.contracts.Caller;
import io.longshore.platform.engine.ApiVersion;
import io.longshore.platform.web.CallerHeaders;
import jakarta.servlet.ReadListener;
import jakarta.servlet.ServletInputStream;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;
import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.Enumeration;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A request for controllers of this JVM: without the version in its path, and with the caller that the door found. It shows the headers that
 * would pass the door; those that tell a body's length are the client's if it comes as it is, and of the body that was read otherwise, since
 * whether there is one decides if its type is checked.
 */
final class InnerRequest extends HttpServletRequestWrapper {
    private final String path;
    private final Map<String, String> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
    private final byte @Nullable [] body;

    /** With the body as it comes. */
    InnerRequest(HttpServletRequest request, String path, ApiVersion version, @Nullable Caller caller) {
        this(request, path, version, caller, null);
    }

    /** With a body that has been read. */
    InnerRequest(
            HttpServletRequest request,
            String path,
            ApiVersion version,
            @Nullable Caller caller,
            byte @Nullable [] body) {
        super(request);
        this.path = path;
        this.body = body;
        headers.put(Caller.API_VERSION_HEADER, version.toString());
        if (body != null && body.length > 0) {
            headers.put("Content-Length", Integer.toString(body.length));
        }
        if (caller != null) {
            CallerHeaders.write(caller, headers::put);
        }
    }

    @Override
    public String getRequestURI() {
        return path;
    }

    @Override
    public String getServletPath() {
        return path;
    }

    @Override
    public @Nullable String getHeader(String name) {
        return shown(name) ? super.getHeader(name) : headers.get(name);
    }

    @Override
    public Enumeration<String> getHeaders(String name) {
        if (shown(name)) {
            return super.getHeaders(name);
        }
        String value = headers.get(name);
        return Collections.enumeration(value == null ? Set.of() : Set.of(value));
    }

    @Override
    public Enumeration<String> getHeaderNames() {
        Set<String> names = new LinkedHashSet<>(headers.keySet());
        for (String name : Collections.list(super.getHeaderNames())) {
            if (shown(name)) {
                names.add(name);
            }
        }
        return Collections.enumeration(names);
    }

    @Override
    public int getContentLength() {
        return body == null ? super.getContentLength() : body.length;
    }

    @Override
    public long getContentLengthLong() {
        return body == null ? super.getContentLengthLong() : body.length;
    }

    private boolean shown(String name) {
        return body == null ? !Headers.own(name) : Headers.passes(name);
    }

    @Override
    public ServletInputStream getInputStream() throws IOException {
        return body == null ? super.getInputStream() : new Read(body);
    }

    @Override
    public BufferedReader getReader() throws IOException {
        return body == null
                ? super.getReader()
                : new BufferedReader(new InputStreamReader(getInputStream(), StandardCharsets.UTF_8));
    }

    /** A body in memory. */
    private static final class Read extends ServletInputStream {
        private final ByteArrayInputStream bytes;

        Read(byte[] body) {
            bytes = new ByteArrayInputStream(body);
        }

        @Override
        public int read() {
            return bytes.read();
        }

        @Override
        public int read(byte[] into, int offset, int length) {
            return bytes.read(into, offset, length);
        }

        @Override
        public boolean isFinished() {
            return bytes.available() == 0;
        }

        @Override
        public boolean isReady() {
            return true;
        }

        @Override
        public void setReadListener(ReadListener listener) {
            throw new IllegalStateException("a body in memory is read at once");
        }
    }
}
