/** Who a part is to the other parts: its key, what it asks a certificate with, and how both are written. */
@NullMarked
package io.longshore.platform.identity;

import org.jspecify.annotations.NullMarked;
