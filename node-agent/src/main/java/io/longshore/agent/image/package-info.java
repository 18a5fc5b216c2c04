/** Taking images in: archives and root file systems become checked, unpacked, synced layers. */
@NullMarked
package io.longshore.agent.image;

import org.jspecify.annotations.NullMarked;
