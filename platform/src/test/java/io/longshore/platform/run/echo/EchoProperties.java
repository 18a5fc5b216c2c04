package io.longshore.platform.run.echo;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/** Configuration for tests of the kit. */
@ConfigurationProperties(prefix = "image.echo", ignoreUnknownFields = false)
public record EchoProperties(@DefaultValue("3") int parallel) {
    public EchoProperties {
        if (parallel < 1) {
            throw new IllegalArgumentException("image.echo.parallel: " + parallel + " is not at least 1");
        }
    }
}
