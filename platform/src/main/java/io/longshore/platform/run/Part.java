package io.longshore.platform.run;

import java.util.Locale;

/** The parts that listen on a socket of their own. Each has a section of its name in the configuration file. */
public enum Part {
    /** api-gateway. */
    GATEWAY,
    /** access-service. */
    ACCESS,
    /** fleet-service. */
    FLEET,
    /** image-service. */
    IMAGE,
    /** container-service. */
    CONTAINER,
    /** volume-service. */
    VOLUME,
    /** network-service. */
    NETWORK,
    /** node-agent. */
    AGENT;

    /** The name in the configuration, in addresses and in messages. */
    public String id() {
        return name().toLowerCase(Locale.ROOT);
    }
}
