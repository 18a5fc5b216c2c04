/** Cases of Testcontainers, as its users would write them: run by {@code TestcontainersRootIT} in JVMs of their own. */
@NullMarked
package io.longshore.acceptance.clients.testcontainers;

import org.jspecify.annotations.NullMarked;
