package io.longshore.container.placement;

/** Which of the nodes that will do is taken. */
public enum Strategy {
    /** The one with the least on it: what one node's end takes away is little. */
    SPREAD,
    /** The one with the most on it: whole nodes stay free for what is large. */
    PACK
}
