@NullMarked
package io.longshore.agent.dns.wire;

import org.jspecify.annotations.NullMarked;
