package io.longshore.postgres;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.UserPrincipalNotFoundException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The operating system's user that PostgreSQL runs as. It refuses to run as root, and a database that is broken into should own
 * nothing but itself.
 *
 * @param name of the user
 * @param group of the user
 */
public record OsUser(String name, String group) {
    /** The user for tests: {@code nobody} when the JVM is root, else none, which is the JVM's own. */
    public static Optional<OsUser> unprivileged() {
        return "root".equals(System.getProperty("user.name"))
                ? Optional.of(new OsUser("nobody", "nogroup"))
                : Optional.empty();
    }

    /** Gives a file or directory to this user; links are not followed. */
    void own(Path path) throws IOException {
        var names = path.getFileSystem().getUserPrincipalLookupService();
        var view =
                Files.getFileAttributeView(path, PosixFileAttributeView.class, java.nio.file.LinkOption.NOFOLLOW_LINKS);
        try {
            view.setOwner(names.lookupPrincipalByName(name));
            view.setGroup(names.lookupPrincipalByGroupName(group));
        } catch (UserPrincipalNotFoundException e) {
            throw new PostgresFailure("this machine has no user \"" + name + "\" with group \"" + group
                    + "\": ./longshore up makes it, or useradd --system --user-group " + name);
        }
    }

    /**
     * The command run as this user with no capability, no other group and no way to gain one (setpriv(1)). The kernel sends the
     * program SIGINT, PostgreSQL's fast shutdown, when the thread that started it ends (prctl(2), PR_SET_PDEATHSIG).
     */
    static List<String> command(Optional<OsUser> user, List<String> program) {
        List<String> command = new ArrayList<>(List.of("setpriv", "--no-new-privs", "--pdeathsig", "INT"));
        user.ifPresent(u -> command.addAll(List.of(
                "--reuid",
                u.name,
                "--regid",
                u.group,
                "--clear-groups",
                "--inh-caps",
                "-all",
                "--bounding-set",
                "-all")));
        command.add("--");
        command.addAll(program);
        return command;
    }
}
