/** Who users and groups are in a container, by its own lists of accounts. */
@NullMarked
package io.longshore.agent.account;

import org.jspecify.annotations.NullMarked;
