package io.longshore.contracts.identity;

import io.longshore.contracts.Caller;
import io.longshore.contracts.id.NodeId;
import java.util.List;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.service.annotation.GetExchange;
import org.springframework.web.service.annotation.PostExchange;

/** How parts come to certificates, and learn whose they believe no more. A part asks for its own alone; from another machine it proves who it is. */
public interface CertificateApi {
    /**
     * Another certificate for a node, for the key that it joined with. Failures: {@code NotFound} for a node that has not joined, or was removed;
     * {@code Forbidden} for another key; {@code Invalid} for a request that cannot be read.
     */
    @PostExchange("/internal/nodes/{id}/certificate")
    CertificateAnswer renew(Caller caller, @PathVariable NodeId id, @RequestBody CertificateRequest request);

    /**
     * A certificate for one replica of a service, for any key. Failures: {@code NotFound} for a service that there is none of; {@code Invalid} for a
     * request that cannot be read.
     */
    @PostExchange("/internal/services/{name}/certificate")
    CertificateAnswer service(Caller caller, @PathVariable String name, @RequestBody CertificateRequest request);

    /** The serial numbers, in hexadecimal, of certificates that are revoked and have not expired. */
    @GetExchange("/internal/revoked")
    List<String> revoked(Caller caller);
}
