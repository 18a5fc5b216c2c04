/** How a registry is called: connections, TLS, authentication, redirects, and the one place where errors are translated. */
@NullMarked
package io.longshore.oci.registry.call;

import org.jspecify.annotations.NullMarked;
