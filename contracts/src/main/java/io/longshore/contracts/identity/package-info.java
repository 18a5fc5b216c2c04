/** What every part may ask of fleet-service: certificates of who it is, and whose it is to believe no more. */
@NullMarked
package io.longshore.contracts.identity;

import org.jspecify.annotations.NullMarked;
