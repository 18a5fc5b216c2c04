package io.longshore.platform.run;

import io.longshore.platform.client.ColocatedParts;
import io.longshore.platform.client.Connections;
import io.longshore.platform.client.Parts;
import io.longshore.platform.identity.MutualTls;
import io.longshore.platform.stream.LiveStreams;
import io.longshore.platform.web.WebConfiguration;
import java.net.InetSocketAddress;
import org.apache.catalina.connector.Connector;
import org.springframework.beans.factory.ListableBeanFactory;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.tomcat.servlet.TomcatServletWebServerFactory;
import org.springframework.boot.web.servlet.ServletContextInitializer;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.context.support.DefaultLifecycleProcessor;

/** What every part has. */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties({RunProperties.class, ServiceAddresses.class})
@Import({WebConfiguration.class, IdentityConfiguration.class})
class ServiceConfiguration {
    @Bean
    TomcatDirectory tomcatDirectory(Part part, Listener listener) {
        return new TomcatDirectory(part, listener);
    }

    @Bean
    TomcatServletWebServerFactory tomcat(
            Part part, Listener listener, TomcatDirectory directory, ListenAddresses listen, MutualTls tls) {
        TomcatServletWebServerFactory factory = UnixTomcat.factory(part, listener, directory);
        InetSocketAddress door = listen.of(part);
        if (door != null) {
            Connector connector = TlsDoor.connector(door, tls);
            UnixTomcat.configure(connector, part);
            TlsDoor.limit(connector);
            factory.addAdditionalConnectors(connector);
        }
        return factory;
    }

    @Bean
    DefaultLifecycleProcessor lifecycleProcessor(RunProperties run) {
        DefaultLifecycleProcessor processor = new DefaultLifecycleProcessor();
        processor.setTimeoutPerShutdownPhase(run.stopWithinOrDefault().toMillis());
        return processor;
    }

    @Bean
    UnknownKeys unknownKeys(ListableBeanFactory beans, Settings settings, Part part) {
        return new UnknownKeys(beans, settings, part);
    }

    @Bean
    Connections connections(MutualTls tls) {
        return new Connections(tls);
    }

    @Bean
    Parts parts(Connections connections, ColocatedParts colocated) {
        return new Parts(connections, colocated);
    }

    @Bean
    LiveStreams liveStreams() {
        return new LiveStreams();
    }

    @Bean
    ServletContextInitializer liveStreamsRegistration(LiveStreams streams) {
        return streams::register;
    }
}
