package io.longshore.platform.run;

import io.longshore.contracts.error.Failure;
import io.longshore.contracts.identity.CertificateApi;
import io.longshore.platform.client.Parts;
import io.longshore.platform.client.Replicas;
import io.longshore.platform.identity.IdentityDirectory;
import io.longshore.platform.identity.Issuer;
import io.longshore.platform.identity.MutualTls;
import io.longshore.platform.identity.PartIdentity;
import jakarta.servlet.Filter;
import java.time.Clock;
import java.util.function.Supplier;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.Ordered;

/** Who a part is to parts on other machines, and whom it lets in from there. */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties({ListenAddresses.class, IdentityProperties.class})
class IdentityConfiguration {
    @Bean
    Supplier<CertificateApi> fleetCertificates(
            ObjectProvider<Parts> parts, ServiceAddresses addresses, RunProperties run) {
        Replicas fleet = addresses.of(Part.FLEET, run);
        // Only when it is asked: clients need connections, and these an identity.
        return () -> parts.getObject().client(CertificateApi.class, Part.FLEET.id(), fleet);
    }

    @Bean
    OwnIdentity ownIdentity(
            Part part,
            IdentityProperties properties,
            ListenAddresses listen,
            ObjectProvider<Issuer> here,
            Supplier<CertificateApi> certificates) {
        Supplier<Issuer> issuer = () -> here.getIfAvailable(() -> new FleetIssuer(certificates));
        if (properties.directory() != null) {
            try {
                OwnIdentity own =
                        OwnIdentity.kept(new IdentityDirectory(properties.directory()), issuer, Clock.systemUTC());
                requireOf(part, own.get().who());
                return own;
            } catch (Failure e) {
                throw new StartFailure("identity.directory: " + e.text(), e);
            }
        }
        if (part == Part.AGENT && listen.of(part) != null) {
            throw new StartFailure("listen.agent is set, and identity.directory is not: an agent that is spoken to from"
                    + " other machines has to join the fleet; \"longshore join\" does that");
        }
        return OwnIdentity.asked(new PartIdentity.Service(part.id()), issuer, Clock.systemUTC());
    }

    private static void requireOf(Part part, PartIdentity who) {
        boolean own =
                part == Part.AGENT ? who instanceof PartIdentity.Node : who.equals(new PartIdentity.Service(part.id()));
        if (!own) {
            throw new Failure.Invalid("what is there is the identity of " + who.uri() + ", and this is " + part.id());
        }
    }

    @Bean
    MutualTls mutualTls(OwnIdentity own) {
        return new MutualTls(own);
    }

    @Bean
    Revoked revoked(Supplier<CertificateApi> certificates) {
        return new Revoked(certificates);
    }

    @Bean
    IdentityRounds identityRounds(Part part, OwnIdentity own, Revoked revoked, ListenAddresses listen) {
        return new IdentityRounds(own, revoked, listen.of(part) != null);
    }

    @Bean
    FilterRegistrationBean<Filter> peerFilter(Part part, Revoked revoked) {
        FilterRegistrationBean<Filter> registration = new FilterRegistrationBean<>(new PeerFilter(part, revoked));
        registration.setOrder(Ordered.HIGHEST_PRECEDENCE);
        return registration;
    }
}
