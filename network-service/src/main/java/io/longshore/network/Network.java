package io.longshore.network;

import java.time.Instant;

/**
 * A network.
 *
 * @param id 64 hexadecimal digits
 * @param project whose it is
 * @param name unique in the project
 * @param driver of the nodes
 * @param created when the project got it
 */
record Network(String id, String project, String name, String driver, Instant created) {}
