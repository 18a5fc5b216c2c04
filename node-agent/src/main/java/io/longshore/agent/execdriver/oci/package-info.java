/**
 * Containers made by the binary of an OCI runtime, such as runc or crun, under the libcontainer driver's supervision: a launch becomes a
 * bundle, and the runtime's create and start run where the driver's own calls would.
 */
@NullMarked
package io.longshore.agent.execdriver.oci;

import org.jspecify.annotations.NullMarked;
