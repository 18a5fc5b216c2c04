@NullMarked
package io.longshore.agent.account;

import org.jspecify.annotations.NullMarked;
