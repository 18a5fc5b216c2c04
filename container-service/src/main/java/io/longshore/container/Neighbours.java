package io.longshore.container;

import io.longshore.contracts.fleet.FleetApi;
import io.longshore.contracts.image.ImageApi;
import io.longshore.contracts.image.ImageCommitApi;
import io.longshore.contracts.network.NetworkApi;
import io.longshore.contracts.volume.VolumeApi;
import io.longshore.platform.client.Parts;
import io.longshore.platform.run.Part;
import io.longshore.platform.run.RunProperties;
import io.longshore.platform.run.ServiceAddresses;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** The services that container-service calls. */
@Configuration(proxyBeanMethods = false)
class Neighbours {
    @Bean
    FleetApi fleet(Parts parts, ServiceAddresses addresses, RunProperties run) {
        return parts.client(FleetApi.class, "fleet-service", addresses.of(Part.FLEET, run));
    }

    @Bean
    ImageApi images(Parts parts, ServiceAddresses addresses, RunProperties run) {
        return parts.client(ImageApi.class, "image-service", addresses.of(Part.IMAGE, run));
    }

    @Bean
    ImageCommitApi commits(Parts parts, ServiceAddresses addresses, RunProperties run) {
        return parts.client(ImageCommitApi.class, "image-service", addresses.of(Part.IMAGE, run));
    }

    @Bean
    VolumeApi volumes(Parts parts, ServiceAddresses addresses, RunProperties run) {
        return parts.client(VolumeApi.class, "volume-service", addresses.of(Part.VOLUME, run));
    }

    @Bean
    NetworkApi networks(Parts parts, ServiceAddresses addresses, RunProperties run) {
        return parts.client(NetworkApi.class, "network-service", addresses.of(Part.NETWORK, run));
    }
}
