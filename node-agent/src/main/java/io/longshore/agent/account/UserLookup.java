package io.longshore.agent.account;

import io.longshore.agent.linux.ErrnoException;
import io.longshore.agent.linux.Syscalls;
import io.longshore.agent.linux.path.ContainerRoot;
import io.longshore.contracts.agent.ContainerSpec.ContainerProcess;
import io.longshore.contracts.error.Failure;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Who {@code user[:group]} is in a container, as Docker has it: the first line of /etc/passwd whose name or number matches
 * (a name may look like a number); a number that no line has is taken as it is, a name that no line has is refused. The
 * supplementary groups are those that list the user, unless a group is asked for.
 */
public final class UserLookup {
    /** uids and gids above are refused: they overflow somewhere (CVE-2024-40635). */
    private static final long LARGEST_ID = Integer.MAX_VALUE;
    /** NGROUPS_MAX of setgroups(2). */
    private static final int MOST_GROUPS = 65536;

    private final AccountFile passwd;
    private final AccountFile group;

    private UserLookup(Syscalls syscalls, ContainerRoot root) {
        passwd = new AccountFile(syscalls, root, "/etc/passwd");
        group = new AccountFile(syscalls, root, "/etc/group");
    }

    /**
     * Who a process is to be, by the view of a process that waits in its container: mounts on /etc included.
     *
     * @throws Failure.Invalid in Docker's words
     */
    public static Identity find(Syscalls syscalls, int pid, ContainerProcess process) throws ErrnoException {
        return find(syscalls, "/proc/" + pid + "/root", process);
    }

    /**
     * Who a process is to be, by the files below a directory.
     *
     * @param directory the root of the container, as the agent reaches it
     * @throws Failure.Invalid in Docker's words
     */
    public static Identity find(Syscalls syscalls, String directory, ContainerProcess process) throws ErrnoException {
        try (ContainerRoot root = ContainerRoot.open(syscalls, directory)) {
            return find(syscalls, root, process.user(), process.additionalGroups());
        }
    }

    /**
     * Who a user is in a container; on a thread that may wait for a file system of the container's own.
     *
     * @param user {@code user[:group]}, names or numbers; empty is root
     * @param additionalGroups names or numbers
     * @throws Failure.Invalid in Docker's words
     */
    public static Identity find(Syscalls syscalls, ContainerRoot root, String user, List<String> additionalGroups)
            throws ErrnoException {
        return new UserLookup(syscalls, root).find(user, additionalGroups);
    }

    private Identity find(String user, List<String> additionalGroups) throws ErrnoException {
        int colon = user.indexOf(':');
        String userPart = colon < 0 ? user : user.substring(0, colon);
        String groupPart = colon < 0 ? "" : user.substring(colon + 1);
        Account account = account(userPart);
        Set<Integer> groups = new LinkedHashSet<>();
        int gid = groupPart.isEmpty() ? account.gid : gid(groupPart);
        groups.add(gid);
        for (String name : additionalGroups) {
            groups.add(additional(name));
        }
        if (groupPart.isEmpty() && !account.name.isEmpty()) {
            memberships(account.name, groups);
        }
        return new Identity(account.uid, gid, List.copyOf(groups), account.home);
    }

    private record Account(String name, int uid, int gid, String home) {}

    private Account account(String user) throws ErrnoException {
        OptionalLong number = number(user);
        long wanted = user.isEmpty() ? 0 : number.orElse(-1);
        var found = new Account[1];
        passwd.forEach(fields -> {
            if (found[0] == null && fields.length >= 4) {
                OptionalLong uid = number(fields[2]);
                boolean matches = (!user.isEmpty() && fields[0].equals(user))
                        || ((user.isEmpty() || number.isPresent()) && uid.isPresent() && uid.getAsLong() == wanted);
                if (matches) {
                    found[0] = new Account(
                            fields[0],
                            checked(uid.orElse(0)),
                            checked(number(fields[3]).orElse(0)),
                            fields.length > 5 && !fields[5].isEmpty() ? fields[5] : "/");
                }
            }
        });
        if (found[0] != null) {
            return found[0];
        }
        if (user.isEmpty()) {
            return new Account("", 0, 0, "/");
        }
        if (number.isEmpty()) {
            throw new Failure.Invalid(
                    "unable to find user " + shortened(user) + ": no matching entries in passwd file");
        }
        return new Account("", checked(wanted), 0, "/");
    }

    private int gid(String name) throws ErrnoException {
        Integer found = inGroupFile(name);
        if (found != null) {
            return found;
        }
        OptionalLong number = number(name);
        if (number.isEmpty()) {
            throw new Failure.Invalid(
                    "unable to find group " + shortened(name) + ": no matching entries in group file");
        }
        return checked(number.getAsLong());
    }

    private int additional(String name) throws ErrnoException {
        Integer found = inGroupFile(name);
        if (found != null) {
            return found;
        }
        OptionalLong number = number(name);
        if (number.isEmpty()) {
            throw new Failure.Invalid("Unable to find group " + shortened(name));
        }
        return checked(number.getAsLong());
    }

    private @Nullable Integer inGroupFile(String name) throws ErrnoException {
        OptionalLong number = number(name);
        var found = new Integer[1];
        group.forEach(fields -> {
            if (found[0] == null && fields.length >= 3) {
                OptionalLong gid = number(fields[2]);
                if (gid.isPresent()
                        && (fields[0].equals(name) || (number.isPresent() && number.getAsLong() == gid.getAsLong()))) {
                    found[0] = checked(gid.getAsLong());
                }
            }
        });
        return found[0];
    }

    private void memberships(String user, Set<Integer> groups) throws ErrnoException {
        group.forEach(fields -> {
            if (fields.length >= 4 && Arrays.asList(fields[3].split(",")).contains(user)) {
                number(fields[2]).ifPresent(gid -> groups.add(checked(gid)));
                if (groups.size() > MOST_GROUPS) {
                    throw new Failure.Invalid("user " + shortened(user) + " is in more than " + MOST_GROUPS
                            + " groups of the image's /etc/group");
                }
            }
        });
    }

    /** As Go's strconv.Atoi: a sign is allowed, more digits than a long holds are none. */
    private static OptionalLong number(String text) {
        if (!text.matches("[+-]?[0-9]{1,40}")) {
            return OptionalLong.empty();
        }
        try {
            return OptionalLong.of(Long.parseLong(text));
        } catch (NumberFormatException e) {
            return OptionalLong.empty();
        }
    }

    private static int checked(long id) {
        if (id < 0 || id > LARGEST_ID) {
            throw new Failure.Invalid("uids and gids must be in range 0-" + LARGEST_ID + ", not " + id);
        }
        return (int) id;
    }

    private static String shortened(String name) {
        return name.substring(0, Math.min(name.length(), 100));
    }
}
