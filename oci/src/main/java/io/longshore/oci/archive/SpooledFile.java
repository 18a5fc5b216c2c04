package io.longshore.oci.archive;

import io.longshore.contracts.id.Digest;
import java.nio.file.Path;

/**
 * Content of an archive, kept in a file under a name of our own.
 *
 * @param file where
 * @param digest of the content as it came
 * @param size in bytes
 */
public record SpooledFile(Path file, Digest digest, long size) {}
