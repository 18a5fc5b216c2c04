package io.longshore.gateway.route;

import io.longshore.contracts.access.AccessApi;
import io.longshore.contracts.container.ContainerApi;
import io.longshore.contracts.fleet.FleetApi;
import io.longshore.contracts.image.ImageApi;
import io.longshore.contracts.image.ImageUsageApi;
import io.longshore.contracts.image.RegistriesApi;
import io.longshore.contracts.volume.VolumeUsageApi;
import io.longshore.platform.client.Parts;
import io.longshore.platform.client.Replicas;
import io.longshore.platform.identity.MutualTls;
import io.longshore.platform.run.Part;
import io.longshore.platform.run.RunProperties;
import io.longshore.platform.run.ServiceAddresses;
import io.longshore.platform.stream.StreamClient;
import java.util.EnumMap;
import java.util.Map;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Where the services are, and the clients of their contracts. */
@Configuration(proxyBeanMethods = false)
public class Services {
    private final Map<Part, Replicas> addresses = new EnumMap<>(Part.class);

    private final MutualTls tls;

    Services(ServiceAddresses configured, RunProperties run, MutualTls tls) {
        this.tls = tls;
        for (Part part : Part.values()) {
            addresses.put(part, configured.of(part, run));
        }
    }

    /** Where the replicas of a part are. */
    public Replicas address(Part part) {
        return java.util.Objects.requireNonNull(addresses.get(part));
    }

    /** Opens streams to a part. */
    public StreamClient streams(Part part) {
        return new StreamClient(part.id(), address(part), tls);
    }

    @Bean
    AccessApi accessApi(Parts parts) {
        return parts.client(AccessApi.class, Part.ACCESS.id(), address(Part.ACCESS));
    }

    @Bean
    ContainerApi containerApi(Parts parts) {
        return parts.client(ContainerApi.class, Part.CONTAINER.id(), address(Part.CONTAINER));
    }

    @Bean
    ImageApi imageApi(Parts parts) {
        return parts.client(ImageApi.class, Part.IMAGE.id(), address(Part.IMAGE));
    }

    @Bean
    ImageUsageApi imageUsageApi(Parts parts) {
        return parts.client(ImageUsageApi.class, Part.IMAGE.id(), address(Part.IMAGE));
    }

    @Bean
    RegistriesApi registriesApi(Parts parts) {
        return parts.client(RegistriesApi.class, Part.IMAGE.id(), address(Part.IMAGE));
    }

    @Bean
    VolumeUsageApi volumeUsageApi(Parts parts) {
        return parts.client(VolumeUsageApi.class, Part.VOLUME.id(), address(Part.VOLUME));
    }

    @Bean
    FleetApi fleetApi(Parts parts) {
        return parts.client(FleetApi.class, Part.FLEET.id(), address(Part.FLEET));
    }
}
