package io.longshore.acceptance.cli;

/** What the cases run against. */
enum Form {
    /** Debian's Docker Engine: shows that the case asks for what Docker does, and gives the answers to compare with. */
    DOCKER,
    /** Longshore in one JVM. */
    STANDALONE,
    /** Longshore's parts in a process each. */
    PROCESSES
}
