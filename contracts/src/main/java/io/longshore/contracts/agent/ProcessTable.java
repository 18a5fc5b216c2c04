package io.longshore.contracts.agent;

import java.util.List;

/**
 * The processes of a container, as ps(1) on its node lists them.
 *
 * @param titles of the columns
 * @param processes each with as many fields as there are titles
 */
public record ProcessTable(List<String> titles, List<List<String>> processes) {}
