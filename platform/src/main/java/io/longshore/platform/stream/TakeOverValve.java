package io.longshore.platform.stream;

import jakarta.servlet.ServletException;
import jakarta.servlet.ServletRequest;
import java.io.IOException;
import org.apache.catalina.connector.Request;
import org.apache.catalina.connector.Response;
import org.apache.catalina.valves.ValveBase;
import org.jspecify.annotations.Nullable;

/** Lets {@link #contentType} reach Tomcat's own response. */
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

    /**
     * Gives the answer exactly this Content-Type, before its body is written. By way of the servlet API Tomcat drops the space before a
     * parameter, and the whole header with status 101.
     */
    public static void contentType(ServletRequest request, String exact) {
        Response own = response(request);
        if (own != null) {
            own.getCoyoteResponse().getMimeHeaders().setValue("Content-Type").setString(exact);
        }
    }

    static @Nullable Response response(ServletRequest request) {
        return request.getAttribute(ATTRIBUTE) instanceof Response response ? response : null;
    }
}
