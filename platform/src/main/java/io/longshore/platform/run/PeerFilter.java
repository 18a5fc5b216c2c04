package io.longshore.platform.run;

import io.longshore.contracts.error.Failure;
import io.longshore.platform.identity.PartIdentity;
import io.longshore.platform.web.FailureAnswer;
import jakarta.servlet.Filter;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletResponse;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import org.jspecify.annotations.Nullable;

/**
 * Lets pass what comes from other machines if {@link Peers} has it so. Each request is looked at: a connection outlives what was true at its
 * beginning. What comes by the part's own socket is of this machine's root, and passes.
 */
final class PeerFilter implements Filter {
    private static final String CERTIFICATES = "jakarta.servlet.request.X509Certificate";

    private final Part part;
    private final Revoked revoked;

    PeerFilter(Part part, Revoked revoked) {
        this.part = part;
        this.revoked = revoked;
    }

    @Override
    public void doFilter(ServletRequest request, ServletResponse response, FilterChain chain)
            throws IOException, ServletException {
        if (request.isSecure()) {
            HttpServletRequest http = (HttpServletRequest) request;
            try {
                Peers.check(part, peer(request), http.getMethod(), http.getRequestURI());
            } catch (Failure e) {
                FailureAnswer.write(e, http, (HttpServletResponse) response);
                return;
            }
        }
        chain.doFilter(request, response);
    }

    private @Nullable PartIdentity peer(ServletRequest request) {
        if (!(request.getAttribute(CERTIFICATES) instanceof X509Certificate[] certificates)
                || certificates.length == 0) {
            return null;
        }
        X509Certificate certificate = certificates[0];
        PartIdentity who = PartIdentity.of(certificate);
        try {
            certificate.checkValidity();
        } catch (CertificateException e) {
            throw new Failure.Unauthenticated("the certificate of " + who.uri() + " has expired: " + e.getMessage(), e);
        }
        if (revoked.contains(certificate)) {
            throw new Failure.Unauthenticated("the certificate of " + who.uri() + " is revoked: this part was removed"
                    + " from the fleet, and has to join again");
        }
        return who;
    }
}
