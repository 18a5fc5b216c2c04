package io.longshore.testbed.registry;

import io.longshore.testbed.process.Program;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A certificate authority that nobody knows, made with openssl(1) in a directory. */
public final class Authority {
    private static final String CURVE = "ec_paramgen_curve:prime256v1";

    private final Path directory;

    private Authority(Path directory) {
        this.directory = directory;
    }

    /** Makes one with a certificate for a day. */
    public static Authority make(Path directory) {
        try {
            Files.createDirectories(directory);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Authority made = new Authority(directory);
        made.pair("authority", "Longshore test authority", "-addext", "keyUsage=critical,keyCertSign");
        return made;
    }

    /** Its own certificate, by which others know whom it vouches for. */
    public Path certificate() {
        return directory.resolve("authority.crt");
    }

    /** Of its certificate. */
    public Path key() {
        return directory.resolve("authority.key");
    }

    /** A pair that vouches for itself, as token servers sign with. */
    public DebianRegistry.Identity selfSigned(String name, String subject) {
        return pair(name, subject);
    }

    /** Vouches for a server at an address. */
    public DebianRegistry.Identity issue(String name, String address) {
        return pair(
                name,
                name,
                "-addext",
                "subjectAltName=IP:" + address,
                "-addext",
                "basicConstraints=critical,CA:FALSE",
                "-CA",
                certificate().toString(),
                "-CAkey",
                key().toString());
    }

    private DebianRegistry.Identity pair(String name, String subject, String... more) {
        DebianRegistry.Identity pair =
                new DebianRegistry.Identity(directory.resolve(name + ".crt"), directory.resolve(name + ".key"));
        List<String> command = new ArrayList<>(
                List.of("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", CURVE, "-nodes", "-days", "1"));
        command.addAll(List.of("-subj", "/CN=" + subject, "-keyout", pair.key().toString()));
        command.addAll(List.of("-out", pair.certificate().toString()));
        command.addAll(List.of(more));
        Program.run(command).ok();
        return pair;
    }
}
