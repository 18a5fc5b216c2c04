/** AppArmor: the profile that containers are confined by where the kernel has it. */
@NullMarked
package io.longshore.agent.apparmor;

import org.jspecify.annotations.NullMarked;
