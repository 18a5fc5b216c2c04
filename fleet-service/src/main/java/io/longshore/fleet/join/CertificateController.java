package io.longshore.fleet.join;

import io.longshore.contracts.Caller;
import io.longshore.contracts.id.NodeId;
import io.longshore.contracts.identity.CertificateAnswer;
import io.longshore.contracts.identity.CertificateApi;
import io.longshore.contracts.identity.CertificateRequest;
import java.util.List;
import org.springframework.web.bind.annotation.RestController;

@RestController
class CertificateController implements CertificateApi {
    private final Certificates certificates;

    CertificateController(Certificates certificates) {
        this.certificates = certificates;
    }

    @Override
    public CertificateAnswer renew(Caller caller, NodeId id, CertificateRequest request) {
        return certificates.renew(id, request);
    }

    @Override
    public CertificateAnswer service(Caller caller, String name, CertificateRequest request) {
        return certificates.service(name, request);
    }

    @Override
    public List<String> revoked(Caller caller) {
        return certificates.revoked();
    }
}
