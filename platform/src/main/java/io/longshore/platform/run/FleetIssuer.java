package io.longshore.platform.run;

import io.longshore.contracts.Caller;
import io.longshore.contracts.identity.CertificateAnswer;
import io.longshore.contracts.identity.CertificateApi;
import io.longshore.contracts.identity.CertificateRequest;
import io.longshore.platform.identity.Issuer;
import io.longshore.platform.identity.PartIdentity;
import io.longshore.platform.telemetry.Trace;
import java.time.Duration;
import java.time.Instant;
import java.util.function.Supplier;

/** Asks fleet-service. */
final class FleetIssuer implements Issuer {
    /** Somebody may wait for the first one. */
    private static final Duration LIMIT = Duration.ofSeconds(10);

    private final Supplier<CertificateApi> fleet;

    FleetIssuer(Supplier<CertificateApi> fleet) {
        this.fleet = fleet;
    }

    @Override
    public Issued issue(PartIdentity who, String request) {
        Caller caller = new Caller(who.uri(), "default", Instant.now().plus(LIMIT), Trace.newId());
        CertificateRequest asked = new CertificateRequest(request);
        CertificateAnswer answer = switch (who) {
            case PartIdentity.Node node -> fleet.get().renew(caller, node.id(), asked);
            case PartIdentity.Service service -> fleet.get().service(caller, service.name(), asked);
        };
        return new Issued(answer.certificate(), answer.authority());
    }
}
