package io.longshore.contracts.access;

/**
 * Who calls.
 *
 * @param principal the name that audit and events show
 * @param project the project whose objects the calls see
 */
public record Identity(String principal, String project) {}
