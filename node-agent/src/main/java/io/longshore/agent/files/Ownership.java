package io.longshore.agent.files;

import io.longshore.agent.linux.Errno;
import io.longshore.agent.linux.ErrnoException;
import io.longshore.agent.linux.path.ContainerRoot;
import io.longshore.contracts.error.Failure;
import java.nio.charset.StandardCharsets;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * The numbers of a container's user, for files that are to be its own. They are read from the container's own passwd and group, which are
 * parsed here: nothing of the container is asked (CVE-2019-14271).
 */
final class Ownership {
    /** Far more than any list of accounts; a larger one names nobody. */
    private static final int LONGEST = 4 << 20;

    private final ContainerRoot root;

    private Ownership(ContainerRoot root) {
        this.root = root;
    }

    /** @param user {@code user[:group]}, names or numbers; {@code INVALID} when it is not known */
    static Extraction.Owner of(ContainerRoot root, String user) throws ErrnoException {
        int colon = user.indexOf(':');
        String name = colon < 0 ? user : user.substring(0, colon);
        Ownership ownership = new Ownership(root);
        OptionalInt number = number(name);
        String[] account = ownership.find("/etc/passwd", name, number);
        if (account == null && number.isEmpty()) {
            throw new Failure.Invalid("unable to find user " + name + ": no matching entries in passwd file");
        }
        int uid = account == null ? number.orElseThrow() : number(account[2]).orElse(0);
        if (colon < 0) {
            return new Extraction.Owner(
                    uid, account == null ? 0 : number(account[3]).orElse(0));
        }
        String group = user.substring(colon + 1);
        OptionalInt gid = number(group);
        String[] found = ownership.find("/etc/group", group, gid);
        if (found == null && gid.isEmpty()) {
            throw new Failure.Invalid("unable to find group " + group + ": no matching entries in group file");
        }
        return new Extraction.Owner(
                uid, found == null ? gid.orElseThrow() : number(found[2]).orElse(0));
    }

    /** The fields of the first line with this name or number. */
    private String @Nullable [] find(String file, String name, OptionalInt number) throws ErrnoException {
        String content;
        try {
            content = new String(root.read(file, LONGEST), StandardCharsets.UTF_8);
        } catch (ErrnoException e) {
            if (e.is(Errno.ENOENT) || e.is(Errno.ENOTDIR) || e.is(Errno.EINVAL) || e.is(Errno.EFBIG)) {
                return null;
            }
            throw e;
        }
        return content.lines()
                .map(line -> line.split(":", -1))
                .filter(fields -> fields.length >= 4
                        && (fields[0].equals(name) || (number.isPresent() && number.equals(number(fields[2])))))
                .findFirst()
                .orElse(null);
    }

    private static OptionalInt number(String text) {
        try {
            return text.matches("[0-9]{1,10}") ? OptionalInt.of(Integer.parseInt(text)) : OptionalInt.empty();
        } catch (NumberFormatException e) {
            return OptionalInt.empty();
        }
    }
}
