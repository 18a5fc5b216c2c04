/** What services may ask of a node-agent, and what it answers. */
@NullMarked
package io.longshore.contracts.agent;

import org.jspecify.annotations.NullMarked;
