package io.longshore.platform.run;

import io.longshore.platform.stream.TakeOverValve;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.GroupPrincipal;
import java.nio.file.attribute.PosixFileAttributeView;
import org.apache.catalina.connector.Connector;
import org.apache.coyote.AbstractProtocol;
import org.apache.coyote.http11.AbstractHttp11Protocol;
import org.apache.tomcat.util.threads.VirtualThreadExecutor;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.tomcat.servlet.TomcatServletWebServerFactory;
import org.springframework.boot.web.server.Shutdown;

/** Tomcat on a unix socket, each request on a virtual thread of its own. */
final class UnixTomcat {
    /** Connections at once, streams included; each costs a descriptor and some tens of kilobytes. */
    private static final int CONNECTIONS = 16_384;
    /** Connections waiting to be accepted: when it is full, connect(2) on a unix socket fails at once instead of waiting. */
    private static final int BACKLOG = 4_096;
    /** Longer than clients keep an idle connection, so that they close first. */
    private static final int KEEP_ALIVE_MILLIS = 180_000;
    /** For the head of a request: it comes whole or not at all. */
    private static final int HEAD_MILLIS = 60_000;
    /** For the next bytes of a body: an upload pauses while whoever makes it works, or types. */
    private static final int BODY_MILLIS = 3_600_000;
    /** Request line and headers together; X-Registry-Config may be long. */
    private static final int HEAD_BYTES = 64 * 1024;
    /** Characters that clients send raw in a query although RFC 3986 wants them encoded, such as in filters={"a":["b"]}. */
    private static final String RELAXED = "\"<>[\\]^`{|}";

    private UnixTomcat() {}

    static TomcatServletWebServerFactory factory(Part part, Listener listener, TomcatDirectory directory) {
        TomcatServletWebServerFactory factory = new TomcatServletWebServerFactory() {
            @Override
            protected void customizeConnector(Connector connector) {
                super.customizeConnector(connector);
                connector.setProperty("unixDomainSocketPath", listener.socket().toString());
                connector.setProperty("unixDomainSocketPathPermissions", listener.permissions());
                connector.setProperty("unixDomainSocketParentPermissions", listener.directoryPermissions());
                configure(connector, part);
            }
        };
        factory.setBaseDirectory(directory.base().toFile());
        factory.getSettings().setDocumentRoot(directory.documentRoot().toFile());
        factory.setShutdown(Shutdown.GRACEFUL);
        factory.setRegisterDefaultServlet(false);
        factory.setBackgroundProcessorDelay(-1); // for sessions and reloads, of which there are none
        factory.getSettings().getJsp().setRegistered(false);
        factory.getSettings().getSession().setPersistent(false);
        factory.addContextValves(new TakeOverValve());
        return factory;
    }

    /** What all connectors have. */
    static void configure(Connector connector, Part part) {
        connector.setParseBodyMethods("NONE"); // no body is ever a form
        connector.setEncodedSolidusHandling("passthrough");
        if (connector.getProtocolHandler() instanceof AbstractProtocol<?> protocol) {
            protocol.setExecutor(new VirtualThreadExecutor(part.id() + "-"));
            protocol.setMaxConnections(CONNECTIONS);
            protocol.setAcceptCount(BACKLOG);
            protocol.setConnectionTimeout(HEAD_MILLIS);
            protocol.setKeepAliveTimeout(KEEP_ALIVE_MILLIS);
        }
        if (connector.getProtocolHandler() instanceof AbstractHttp11Protocol<?> http) {
            http.setMaxKeepAliveRequests(-1);
            http.setDisableUploadTimeout(false); // else a body has no more time than a head
            http.setConnectionUploadTimeout(BODY_MILLIS);
            http.setMaxHttpRequestHeaderSize(HEAD_BYTES);
            http.setRelaxedQueryChars(RELAXED);
            http.setRelaxedPathChars(RELAXED);
        }
    }

    /** Gives the socket's directory to the group before the socket is bound in it. */
    static void handOver(Path path, @Nullable String group) {
        if (group == null) {
            return;
        }
        try {
            GroupPrincipal owner =
                    path.getFileSystem().getUserPrincipalLookupService().lookupPrincipalByGroupName(group);
            Files.getFileAttributeView(path, PosixFileAttributeView.class).setGroup(owner);
        } catch (IOException e) {
            throw new StartFailure("cannot give " + path + " to group \"" + group + "\": " + e, e);
        }
    }
}
