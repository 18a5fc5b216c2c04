package io.longshore.platform.identity;

import io.longshore.contracts.error.Failure;
import io.longshore.contracts.id.NodeId;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.Collection;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Whom a certificate is for. It stands in it as the one URI of its subject alternative names (RFC 5280, 4.2.1.6), as SPIFFE does it: a part is
 * known by who it is, whatever address it has.
 */
public sealed interface PartIdentity {
    /** An agent. */
    record Node(NodeId id) implements PartIdentity {
        @Override
        public String uri() {
            return SCHEME + "node/" + id;
        }
    }

    /** Any replica of a service. */
    record Service(String name) implements PartIdentity {
        public Service {
            if (!Syntax.NAME.matcher(name).matches()) {
                throw new Failure.Invalid(
                        "invalid name of a service \"" + name + "\": want 1 to 32 lower-case letters");
            }
        }

        @Override
        public String uri() {
            return SCHEME + "service/" + name;
        }
    }

    /** What the URIs begin with. */
    String SCHEME = "longshore://";

    /** As it stands in a certificate: {@code longshore://node/ID} or {@code longshore://service/NAME}. */
    String uri();

    /** Reads a URI; {@link Failure.Invalid} names it if it is nobody's. */
    static PartIdentity parse(String uri) {
        Matcher parts = Syntax.URI.matcher(uri);
        if (!parts.matches()) {
            throw new Failure.Invalid("\"" + uri + "\" is no identity of a part of Longshore");
        }
        return parts.group(1).equals("node") ? new Node(NodeId.parse(parts.group(2))) : new Service(parts.group(2));
    }

    /** Whom a certificate is for; {@link Failure.Invalid} if it names nobody, or several. */
    static PartIdentity of(X509Certificate certificate) {
        try {
            Collection<List<?>> names = certificate.getSubjectAlternativeNames();
            List<String> uris = names == null
                    ? List.of()
                    : names.stream()
                            .filter(name -> Integer.valueOf(Syntax.URI_NAME).equals(name.getFirst()))
                            .map(name -> String.valueOf(name.get(1)))
                            .toList();
            if (uris.size() != 1) {
                throw new Failure.Invalid("a certificate names " + uris.size()
                        + " parts of Longshore: want one, as the fleet's authority does");
            }
            return parse(uris.getFirst());
        } catch (CertificateParsingException e) {
            throw new Failure.Invalid("a certificate has names that cannot be read", e);
        }
    }
}

/** Of {@link PartIdentity}. */
final class Syntax {
    static final Pattern URI = Pattern.compile("longshore://(node|service)/([a-z0-9-]{1,64})");
    static final Pattern NAME = Pattern.compile("[a-z]{1,32}");
    /** uniformResourceIdentifier of GeneralName (RFC 5280, appendix A.2). */
    static final int URI_NAME = 6;

    private Syntax() {}
}
