/** What every controller shares: JSON, failures, the caller, limits. */
@NullMarked
package io.longshore.platform.web;

import org.jspecify.annotations.NullMarked;
