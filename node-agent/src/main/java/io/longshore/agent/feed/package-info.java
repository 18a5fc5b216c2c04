/** What changed on this node, numbered, for the services that follow it. */
@NullMarked
package io.longshore.agent.feed;

import org.jspecify.annotations.NullMarked;
