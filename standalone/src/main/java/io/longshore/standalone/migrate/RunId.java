package io.longshore.standalone.migrate;

import io.longshore.platform.file.DurableFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.HexFormat;

/**
 * What a migration that is under way marks as its own at the other server, so that the next one may clear away what this one left and
 * nothing else. Kept in {@code database.migration} of the work directory until the migration is through.
 *
 * @param hex 8 hexadecimal digits
 */
record RunId(String hex) {
    private static final String FILE = "database.migration";
    private static final SecureRandom RANDOM = new SecureRandom();

    RunId {
        if (!hex.matches("[0-9a-f]{8}")) {
            throw new IllegalArgumentException("\"" + hex + "\" is no 8 hexadecimal digits");
        }
    }

    /** The one of an unfinished migration from here, or a new one. */
    static RunId ofWork(Path work) throws IOException {
        Path file = work.resolve(FILE);
        if (Files.exists(file)) {
            try {
                return new RunId(Files.readString(file).strip());
            } catch (IllegalArgumentException e) {
                throw new IOException(
                        file + " is not as migrate-db wrote it: " + e.getMessage() + "; remove the file", e);
            }
        }
        RunId fresh = new RunId(HexFormat.of().toHexDigits(RANDOM.nextInt()));
        DurableFile.write(file, fresh.hex.getBytes(StandardCharsets.US_ASCII));
        return fresh;
    }

    /** From now on nothing over there is unfinished from here. */
    static void forget(Path work) throws IOException {
        if (Files.deleteIfExists(work.resolve(FILE))) {
            DurableFile.syncDirectory(work);
        }
    }

    /** The role of a service: a name that the other server gave nobody before. */
    String role(String schema) {
        return "longshore_" + schema + "_" + hex;
    }
}
