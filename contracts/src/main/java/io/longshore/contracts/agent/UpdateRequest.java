package io.longshore.contracts.agent;

/**
 * What may change of a container that is there, whether it runs or not.
 *
 * @param epoch as in {@link ApplyRequest}
 * @param resources its limits from now on, all of them; a limit of 0 that was set before is lifted where the kernel can
 * @param restart its restart policy from now on
 */
public record UpdateRequest(long epoch, ContainerSpec.Resources resources, ContainerSpec.Restart restart) {}
