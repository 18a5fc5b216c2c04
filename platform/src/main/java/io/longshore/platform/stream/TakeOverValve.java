package io.longshore.platform.stream;

import jakarta.servlet.ServletException;
import jakarta.servlet.ServletRequest;
import java.io.IOException;
import org.apache.catalina.connector.Request;
import org.apache.catalina.connector.Response;
import org.apache.catalina.valves.ValveBase;
import org.jspecify.annotations.Nullable;

/** Lets {@link StreamResponse} reach Tomcat's own response: the servlet API drops Content-Type from an answer with status 101. */
public final class TakeOverValve extends ValveBase {
    private static final String ATTRIBUTE = TakeOverValve.class.getName();

    public TakeOverValve() {
        super(true);
    }

    @Override
    public void invoke(Request request, Response response) throws IOException, ServletException {
        request.setAttribute(ATTRIBUTE, response);
        getNext().invoke(request, response);
    }

    static @Nullable Response response(ServletRequest request) {
        return request.getAttribute(ATTRIBUTE) instanceof Response response ? response : null;
    }
}
