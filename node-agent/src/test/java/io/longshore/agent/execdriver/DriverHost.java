package io.longshore.agent.execdriver;

/** What a driver under test runs on. */
public interface DriverHost {
    /** A driver as an agent that has just begun makes it; several in a row share what is on disk and in the kernel. */
    ExecDriver open();

    /** A launch with a directory of its own and a root file system with sh, true, false, echo, sleep and cat. */
    Launch launch(TestSpecs spec);

    /** Fails unless all that drivers had taken of it is there again. */
    void nothingIsLeft() throws Exception;
}
