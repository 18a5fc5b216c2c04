package io.longshore.agent.execdriver.libcontainer;

import jdk.jfr.Category;
import jdk.jfr.Enabled;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

/** How long a stage of a start takes, for Java Flight Recorder; nothing is measured unless a recording asks for it by name. */
@Name("longshore.StartStage")
@Label("Stage of a start")
@Category("Longshore")
@StackTrace(false)
@Enabled(false)
final class StartStage extends Event implements AutoCloseable {
    @Label("Stage")
    String stage;

    private StartStage(String stage) {
        this.stage = stage;
    }

    static StartStage begin(String stage) {
        StartStage begun = new StartStage(stage);
        begun.begin();
        return begun;
    }

    @Override
    public void close() {
        commit();
    }
}
