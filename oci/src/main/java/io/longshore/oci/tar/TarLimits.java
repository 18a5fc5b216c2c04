package io.longshore.oci.tar;

/**
 * What a tar stream may contain.
 *
 * @param entries most entries
 * @param headerBytes most bytes of one extended header (pax or GNU long name); names and attributes live there
 * @param bytes most bytes in all, headers and padding included
 */
public record TarLimits(long entries, int headerBytes, long bytes) {
    /** For archives and layers: a million entries is ten times the largest image seen; 1 MiB is what Go's reader allows for a header. */
    public static final TarLimits DEFAULT = new TarLimits(1_000_000, 1 << 20, 256L << 30);
}
