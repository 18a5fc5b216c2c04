/** SDKs in the languages that people have, unmodified, against every engine: what they do, and how they tell of refusals. */
@NullMarked
package io.longshore.acceptance.clients;

import org.jspecify.annotations.NullMarked;
