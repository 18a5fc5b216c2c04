package io.longshore.standalone.migrate;

import io.longshore.contracts.error.Failure;

/**
 * A PostgreSQL's version.
 *
 * @param number as the parameter {@code server_version_num} has it: 150018 for 15.18
 */
record ServerVersion(int number) {
    private static final int OLDEST = 15;
    private static final int MAJOR = 10_000;

    static ServerVersion parse(String text) {
        try {
            int number = Integer.parseInt(text.strip());
            if (number > 0) {
                return new ServerVersion(number);
            }
        } catch (NumberFormatException e) {
            // Says below what it is.
        }
        throw new Failure.Invalid("the server says \"" + text + "\" where a PostgreSQL has its version's number");
    }

    /** What Longshore's schemas need. */
    void requireSupported() {
        if (number < OLDEST * MAJOR) {
            throw new Failure.Invalid("the server is PostgreSQL " + this + ", and Longshore needs " + OLDEST
                    + " or later: upgrade it, or name another with --to");
        }
    }

    /** As people write it; before 10 there were three numbers. */
    @Override
    public String toString() {
        return number < 10 * MAJOR
                ? number / MAJOR + "." + number / 100 % 100 + "." + number % 100
                : number / MAJOR + "." + number % MAJOR;
    }
}
