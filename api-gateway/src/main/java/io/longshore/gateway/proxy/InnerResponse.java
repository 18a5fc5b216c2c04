package io.longshore.gateway.proxy;

import jakarta.servlet.http.HttpServletResponse;
import jakarta.servlet.http.HttpServletResponseWrapper;

/** The answer of a part of this JVM to a client: without the headers that parts use among themselves. */
final class InnerResponse extends HttpServletResponseWrapper {
    InnerResponse(HttpServletResponse response) {
        super(response);
    }

    @Override
    public void setHeader(String name, String value) {
        if (!Headers.own(name)) {
            super.setHeader(name, value);
        }
    }

    @Override
    public void addHeader(String name, String value) {
        if (!Headers.own(name)) {
            super.addHeader(name, value);
        }
    }
}
